/**
 * Amounts of credit and work. 1 credit = 1 TFLOP of verified work, so 1 micro-credit = 1 MFLOP.
 */
export const FLOPS_PER_MICRO_CREDIT = 1_000_000;
export const MICRO_CREDITS_PER_CREDIT = 1_000_000n;
/** A rate, in percent: what work costs where its author offers neither more nor less. */
export const LIST_PRICE = 100;

/**
 * The price of `items` items of a program that takes `flopsPerItem` each: rounded up, at least one
 * micro-credit, so that verified work is never worth nothing.
 */
export function priceMicroCredits(flopsPerItem: number, items: number): bigint {
  const microCredits = BigInt(Math.ceil((flopsPerItem * items) / FLOPS_PER_MICRO_CREDIT));
  return microCredits > 0n ? microCredits : 1n;
}

/** Credits as a person reads them: `12.34`, `0.000056`, never rounded to nothing. */
export function formatCredits(microCredits: bigint): string {
  const sign = microCredits < 0n ? '-' : '';
  const absolute = microCredits < 0n ? -microCredits : microCredits;
  const whole = absolute / MICRO_CREDITS_PER_CREDIT;
  const fraction = (absolute % MICRO_CREDITS_PER_CREDIT).toString().padStart(6, '0');
  const shown = whole > 0n ? fraction.slice(0, 2) : fraction.replace(/0+$/, '').padEnd(2, '0');
  return `${sign}${whole}.${shown}`;
}

/** Credits with up to six decimals, exactly, as micro-credits; null where the text is no such amount. */
export function creditsFrom(text: string): bigint | null {
  const match = /^(\d{1,20})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (match === null) return null;
  return BigInt(match[1]!) * MICRO_CREDITS_PER_CREDIT + BigInt((match[2] ?? '').padEnd(6, '0'));
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A duration as a person reads it, with two digits: `0.4 s`, `12 s`, `3.5 min`, `2 h`, `12 days`. */
export function formatSeconds(seconds: number): string {
  const [unit, name] = DURATIONS.find(([least]) => seconds >= 1.5 * least) ?? [1, 's'];
  const count = seconds / unit;
  const digits = count >= 10 ? Math.round(count) : Number(count.toPrecision(2));
  return count < 0.01 ? `under 0.01 ${name}` : `${digits} ${name}`;
}

const DURATIONS: readonly (readonly [number, string])[] = [
  [86_400, 'days'],
  [3_600, 'h'],
  [60, 'min'],
];

/** A share as a percentage with two significant digits: `0 %`, `0.25 %`, `3.4 %`, `110 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0 %';
  const digits = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(percent))));
  return `${Number(percent.toFixed(Math.min(digits, 20)))} %`;
}

/** A probability as a person reads it: a percentage, or `1 in 9,700` where that would be too small to picture. */
export function formatOdds(probability: number): string {
  if (probability <= 0) return 'none';
  if (probability >= 0.001) return formatShare(probability);
  return `1 in ${formatCount(Number((1 / probability).toPrecision(2)))}`;
}

/** `1,234,567`, the same everywhere; whole numbers only. */
export const formatCount = (count: number): string =>
  String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
