/**
 * Rests between pieces of work, as long as a duty cycle says they must be, and told about.
 *
 * Decides no duty and does no work. Invariant: a rest ends at once when it is woken, and says now and then that it lives.
 */
import type { Duty, DutyReport } from './api.ts';
import { DutyCycle } from './dutyCycle.ts';

/** Whoever waits for a worker takes it for hung after `MAX_RUN_SILENCE_MS`: a long rest says that it lives. */
const BEAT_MS = 10_000;
/** How often it is told how much was work. */
const REPORT_MS = 1_000;

export interface PacerPorts {
  readonly nowMs: () => number;
  readonly rest: (ms: number) => Promise<void>;
}

export class Pacer {
  readonly #ports: PacerPorts;
  readonly #kind: keyof Duty;
  readonly #onDuty: ((report: DutyReport) => void) | undefined;
  readonly #cycle: DutyCycle;
  #wanted = 1;
  #reportedAtMs = -Infinity;
  #wake: () => void = () => undefined;

  constructor(ports: PacerPorts, kind: keyof Duty, onDuty?: (report: DutyReport) => void) {
    this.#ports = ports;
    this.#kind = kind;
    this.#onDuty = onDuty;
    this.#cycle = new DutyCycle(ports.nowMs);
  }

  want(duty: number): void {
    if (duty === this.#wanted) return;
    this.#wanted = duty;
    this.#cycle.want(duty);
    this.wake();
  }

  begin(): void {
    this.#cycle.begin();
  }

  end(): void {
    this.#cycle.end();
  }

  /** Whoever rests goes on, and looks at what has changed. */
  wake(): void {
    this.#wake();
  }

  /**
   * Rests for what is owed, and gives the milliseconds that took. `look` is called before each part of it, at least
   * every `BEAT_MS` and when it is woken; what it throws ends the rest.
   */
  async restIfDue(look: () => void): Promise<number> {
    const { nowMs, rest } = this.#ports;
    this.report();
    if (this.#cycle.owed() === 0) return 0;
    const startMs = nowMs();
    this.#cycle.end();
    for (let owedMs = this.#cycle.owed(); owedMs > 0; owedMs = this.#cycle.owed()) {
      look();
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await Promise.race([rest(Math.min(owedMs, BEAT_MS)), woken]);
      this.report();
    }
    look();
    this.#cycle.begin();
    return nowMs() - startMs;
  }

  /** Tells how much was work, about once a second: of the engine that works, or that rests for its work. */
  report(): void {
    const now = this.#ports.nowMs();
    if (this.#onDuty === undefined || now - this.#reportedAtMs < REPORT_MS) return;
    this.#reportedAtMs = now;
    this.#onDuty({ kind: this.#kind, wanted: this.#wanted, ...this.#cycle.measured() });
  }
}
