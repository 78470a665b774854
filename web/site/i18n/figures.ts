/**
 * How one language counts, and writes figures, amounts and times: by `Intl`, with the dictionary's own locale.
 *
 * Pure but for the device's time zone. Invariant: a figure with its unit or sign reads in its own order, also in a
 * language that runs from right to left.
 */
import { formatCredits } from '../../../shared/units.ts';

/** A sentence for each of the language's plural forms; what is missing is said by `other`. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

export interface Figures {
  /** For what `Intl` has to write besides. */
  readonly locale: string;
  plural(count: number, forms: PluralForms): string;
  /** A whole number. */
  count(count: number): string;
  /** Three digits that matter. */
  rate(value: number): string;
  /** At most one decimal. */
  tenths(value: number): string;
  /** `123M`. */
  short(value: number): string;
  /** A share as a percentage. */
  percent(share: number): string;
  /** As a person reads them, never rounded to nothing; without the unit. */
  credits(microCredits: bigint): string;
  /** Binary units, one decimal. */
  bytes(bytes: number): string;
  /** Below ten with one decimal; without the unit. */
  fine(value: number): string;
  /** A percentage as a factor: `1`, `0.95`, `2.5`. */
  factor(percent: number): string;
  /** A number that is written in English, with as many decimals. */
  decimal(text: string): string;
  /** Text of unknown direction, a name or an id, within a sentence. */
  apart(text: string): string;
  day(ms: number): string;
  /** Of a day that begins at 00:00 UTC. */
  utcDay(ms: number, style?: 'medium' | 'long'): string;
  moment(ms: number): string;
  /** Hours and minutes. */
  clock(ms: number): string;
  weekday(ms: number): string;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const LEFT_TO_RIGHT = '\u2066';
const OF_ITS_OWN = '\u2068';
const END = '\u2069';

/** Text of unknown direction, a name or an id, within a sentence that runs from right to left. */
export const apart = (text: string): string => `${OF_ITS_OWN}${text}${END}`;

/** A figure with a sign or unit, or code, within such a sentence. */
export const leftToRight = (text: string): string => `${LEFT_TO_RIGHT}${text}${END}`;

/** `clockLocale`: where hours are written as elsewhere. */
export function figuresOf(locale: string, clockLocale = locale): Figures {
  const isRightToLeft = locale.startsWith('ar');
  const figure = isRightToLeft ? leftToRight : (text: string): string => text;
  const number = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
    const format = new Intl.NumberFormat(locale, options);
    return (value) => format.format(value);
  };
  const time = (options: Intl.DateTimeFormatOptions, of = locale): ((ms: number) => string) => {
    const format = new Intl.DateTimeFormat(of, options);
    return (ms) => format.format(ms);
  };
  const rules = new Intl.PluralRules(locale);
  // As many digits as there are, and no groups: amounts are compared by eye, and typed in again.
  const credits = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 6,
    useGrouping: false,
  });
  const oneDecimal = number({
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    useGrouping: false,
  });
  const plain = number({ maximumFractionDigits: 0, useGrouping: false });
  const utcDays = {
    medium: time({ timeZone: 'UTC', dateStyle: 'medium' }),
    long: time({ timeZone: 'UTC', dateStyle: 'long' }),
  };
  return {
    locale,
    plural: (count, forms) => forms[rules.select(count)] ?? forms.other,
    count: number({ maximumFractionDigits: 0 }),
    rate: number({ maximumSignificantDigits: 3 }),
    tenths: number({ maximumFractionDigits: 1 }),
    short: number({ notation: 'compact', maximumSignificantDigits: 3 }),
    percent: number({ style: 'percent', maximumFractionDigits: 1 }),
    credits: (amount) => credits.format(formatCredits(amount) as Intl.StringNumericLiteral),
    bytes(bytes) {
      let [value, unit] = [bytes, 0];
      while (value >= 1024 && unit < UNITS.length - 1) {
        value /= 1024;
        unit += 1;
      }
      return figure(`${unit === 0 ? plain(value) : oneDecimal(value)} ${UNITS[unit]}`);
    },
    fine: (value) => (value < 10 ? oneDecimal(value) : plain(value)),
    factor: (() => {
      const format = number({ maximumFractionDigits: 2, useGrouping: false });
      return (percent) => format(percent / 100);
    })(),
    decimal(text) {
      const decimals = text.split('.')[1]?.length ?? 0;
      const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
      return new Intl.NumberFormat(locale, options).format(Number(text));
    },
    apart: isRightToLeft ? apart : (text) => text,
    day: time({ dateStyle: 'medium' }),
    utcDay: (ms, style = 'medium') => utcDays[style](ms),
    moment: time({ dateStyle: 'medium', timeStyle: 'medium' }),
    clock: time({ hour: '2-digit', minute: '2-digit' }, clockLocale),
    weekday: time({ weekday: 'long' }, clockLocale),
  };
}
