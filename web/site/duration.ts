/** A length of time as a person reads it, in the page's language: `3 min 20 sec`, `2 hr 5 min`. Pure. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** The two largest parts; what is below a second is none. */
export function durationText(ms: number, locale: string): string {
  let left = Math.max(0, Math.floor(ms / 1_000));
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    const isLast = unit === 'second' && parts.length === 0;
    if (count === 0 && !isLast) {
      if (parts.length > 0) break;
      continue;
    }
    parts.push(
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count),
    );
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}
