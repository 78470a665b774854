/**
 * Numbers in a command line: the value, or a usage error that names the flag.
 */
import { MAX_RATE_PERCENT, MIN_RATE_PERCENT } from '../../shared/limits.ts';
import { creditsFrom } from '../../shared/units.ts';
import { usageError } from './exitCode.ts';

export function parseInteger(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw usageError(`${flag}: expected a whole number from ${min} to ${max}\n  came: ${text}`);
}

/** A whole number from 1 on, where the flag is given. */
export const optionalCount = (
  flag: string,
  text: string | undefined,
  max: number,
): number | undefined => (text === undefined ? undefined : parseInteger(flag, text, 1, max));

/** Credits with up to six decimals, exactly, as micro-credits. */
export function parseCredits(flag: string, text: string): bigint {
  const microCredits = creditsFrom(text);
  if (microCredits !== null) return microCredits;
  const expected = 'an amount of credits with at most six decimals, such as 12.5';
  throw usageError(`${flag}: expected ${expected}\n  came: ${text}`);
}

/** A multiple of the list price with up to two decimals, as whole percents: `1.5` is 150. */
export function parseRate(flag: string, text: string): number {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text);
  const percent = match === null ? NaN : Number(match[1] + (match[2] ?? '').padEnd(2, '0'));
  if (percent >= MIN_RATE_PERCENT && percent <= MAX_RATE_PERCENT) return percent;
  throw usageError(
    `${flag}: expected ${MIN_RATE_PERCENT / 100} to ${MAX_RATE_PERCENT / 100} times the list price, such as 1.5\n  came: ${text}`,
  );
}

/** A share up to `max`, as a number or with a percent sign: `0.005`, `5e-3` and `0.5%` are the same. */
export function parseShare(flag: string, text: string, max: number): number {
  const match = /^(\d{1,20}(?:\.\d{1,20})?(?:e-?\d{1,3})?)\s?(%?)$/i.exec(text);
  const value = match === null ? NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (value >= 0 && value <= max) return value;
  throw usageError(
    `${flag}: expected a share from 0 to ${max}, such as 0.005 or 0.5%\n  came: ${text}`,
  );
}

const DURATIONS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time span in milliseconds: `90s`, `45m`, `12h`, `7d`. */
export function parseDuration(flag: string, text: string, minMs: number, maxMs: number): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  const value = match === null ? NaN : Number(match[1]) * DURATIONS[match[2]!]!;
  if (value >= minMs && value <= maxMs) return value;
  const range = `${minMs / 1_000}s to ${maxMs / 86_400_000}d`;
  throw usageError(`${flag}: expected ${range}, such as 45m, 12h or 7d\n  came: ${text}`);
}

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** A whole number of bytes from 1 on, or of KiB, MiB or GiB: `268435456` and `256MiB` are the same. */
export function parseBytes(flag: string, text: string): number {
  const match = /^(\d{1,12})\s?(KiB|MiB|GiB|)$/.exec(text);
  const value = match === null ? NaN : Number(match[1]) * UNITS[match[2]!]!;
  if (value >= 1 && Number.isSafeInteger(value)) return value;
  throw usageError(`${flag}: expected bytes, such as 268435456 or 256MiB\n  came: ${text}`);
}
