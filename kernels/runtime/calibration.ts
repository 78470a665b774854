/**
 * How long a kernel's arithmetic takes on this device, learned from the slices that ran. Pure: durations are
 * handed in.
 *
 * Invariant: rates are positive and finite, and move at most eightfold per slice, so that one hiccup of the
 * machine neither makes a slice endless nor makes slices worthless.
 */

/** Before the first measurement: a software adapter on an old core. Real GPUs reach their pace in 4 slices. */
const FIRST_MS_PER_FLOP = 1 / 0.5e6;
const MAX_STEP = 8;

export interface Work {
  readonly entryPoint: string;
  readonly flops: number;
}

export class Calibration {
  readonly #msPerFlop = new Map<string, number>();
  #slices = 0;

  /** Slices measured so far. */
  get slices(): number {
    return this.#slices;
  }

  estimateMs({ entryPoint, flops }: Work): number {
    return flops * (this.#msPerFlop.get(entryPoint) ?? FIRST_MS_PER_FLOP);
  }

  /** A slice of this work took this long, from the GPU being free for it to its end. */
  record(work: readonly Work[], durationMs: number): void {
    const estimatedMs = work.reduce((sum, part) => sum + this.estimateMs(part), 0);
    if (!(estimatedMs > 0) || !Number.isFinite(durationMs)) return;
    const step = Math.min(Math.max(durationMs / estimatedMs, 1 / MAX_STEP), MAX_STEP);
    // Slower than thought counts at once; faster is believed by half, until it has been seen again.
    const factor = step >= 1 || this.#slices < 4 ? step : Math.sqrt(step);
    for (const entryPoint of new Set(work.map((part) => part.entryPoint))) {
      const rate = this.#msPerFlop.get(entryPoint) ?? FIRST_MS_PER_FLOP;
      this.#msPerFlop.set(entryPoint, Math.max(rate * factor, Number.MIN_VALUE));
    }
    this.#slices += 1;
  }
}
