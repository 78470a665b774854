/**
 * Amounts of credit and work. 1 credit = 1 TFLOP of verified work, so 1 micro-credit = 1 MFLOP.
 */
export const FLOPS_PER_MICRO_CREDIT = 1_000_000;
export const MICRO_CREDITS_PER_CREDIT = 1_000_000n;

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
