/**
 * How much rest is owed for the work that was done, so that work is the wanted share of the time, and what share it was.
 *
 * Holds no timer: whoever works asks what is owed, rests, and says so. All time that is not work counts as rest, also
 * what a timer slept too long and what was spent waiting for something to do. Invariant: between `begin` and any later
 * moment, rest owed is `work * (1 - duty) / duty` less the rest taken, within the credit that idle time may build up.
 */
import { DUTY_WINDOW_MS } from '../../shared/limits.ts';
import { assert } from '../../shared/result.ts';

/** What a timer oversleeps is made up for; what a long wait for work would is not, or a burst would follow it. */
const MAX_CREDIT_MS = 250;
/** Shorter rests would be mostly timer: browsers round them up to 4 ms. */
const SHORTEST_REST_MS = 8;
/** The window moves in steps of this. */
const STEP_MS = 1_000;

export interface MeasuredDuty {
  /** Share of `overMs` that was work. */
  readonly share: number;
  readonly overMs: number;
}

export class DutyCycle {
  readonly #nowMs: () => number;
  #duty = 1;
  #owedMs = 0;
  /** Where what was accounted for ends. */
  #markMs: number;
  #isWorking = false;
  readonly #meter: DutyMeter;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#markMs = nowMs();
    this.#meter = new DutyMeter(nowMs());
  }

  /** The wanted share, above 0 and at most 1. Another one forgets what is owed, and is measured from now. */
  want(duty: number): void {
    assert(duty > 0 && duty <= 1, `DutyCycle: ${duty} is no share of time`);
    if (duty === this.#duty) return;
    this.#account();
    this.#duty = duty;
    this.#owedMs = 0;
    this.#meter.restart(this.#markMs);
  }

  /** Work begins, or goes on after a rest. */
  begin(): void {
    this.#account();
    this.#isWorking = true;
  }

  end(): void {
    this.#account();
    this.#isWorking = false;
  }

  /** Milliseconds to rest now; 0 while that is not worth a timer. */
  owed(): number {
    this.#account();
    return this.#owedMs >= SHORTEST_REST_MS ? this.#owedMs : 0;
  }

  measured(): MeasuredDuty {
    this.#account();
    return this.#meter.measured(this.#markMs);
  }

  #account(): void {
    const now = this.#nowMs();
    const ms = now - this.#markMs;
    if (this.#isWorking) {
      this.#owedMs += (ms * (1 - this.#duty)) / this.#duty;
      this.#meter.worked(this.#markMs, now);
    } else this.#owedMs = Math.max(this.#owedMs - ms, -MAX_CREDIT_MS);
    this.#markMs = now;
  }
}

/** Work of the last `DUTY_WINDOW_MS`, in steps. */
class DutyMeter {
  /** The oldest first; a step is listed once anything was done in it. */
  #steps: { readonly step: number; workMs: number }[] = [];
  #fromMs: number;

  constructor(fromMs: number) {
    this.#fromMs = fromMs;
  }

  restart(fromMs: number): void {
    this.#steps = [];
    this.#fromMs = fromMs;
  }

  worked(fromMs: number, toMs: number): void {
    for (let at = Math.max(fromMs, this.#fromMs); at < toMs;) {
      const step = Math.floor(at / STEP_MS);
      const end = Math.min(toMs, (step + 1) * STEP_MS);
      const last = this.#steps.at(-1);
      if (last?.step === step) last.workMs += end - at;
      else this.#steps.push({ step, workMs: end - at });
      at = end;
    }
    this.#forget(toMs);
  }

  measured(nowMs: number): MeasuredDuty {
    const firstStep = this.#forget(nowMs);
    const fromMs = Math.max(this.#fromMs, firstStep * STEP_MS);
    const overMs = nowMs - fromMs;
    const workMs = this.#steps.reduce((sum, it) => sum + it.workMs, 0);
    return { share: overMs > 0 ? Math.min(workMs / overMs, 1) : 0, overMs };
  }

  #forget(nowMs: number): number {
    const firstStep = Math.ceil((nowMs - DUTY_WINDOW_MS) / STEP_MS);
    while (this.#steps[0] !== undefined && this.#steps[0].step < firstStep) this.#steps.shift();
    return firstStep;
  }
}
