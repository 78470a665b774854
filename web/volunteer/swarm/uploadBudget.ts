/**
 * How much of this host's line others may have: a rate, and an amount for each day. Pure: time is an argument.
 *
 * Invariant: over any time, no more leaves than the burst and the rate allow, and on no day more than its amount.
 */
const MiB = 1024 * 1024;

/**
 * 16 Mbit/s: under half of what a median fixed line sends (Speedtest Global Index 2025: some 50 Mbit/s), and seven
 * tabs' worth of it still brings a model of 64 MiB within half a minute.
 */
export const UPLOAD_BYTES_PER_SECOND = 2 * MiB;
/** A small model passes at once. */
export const UPLOAD_BURST_BYTES = 8 * MiB;
/** A large model three times: many home lines count what they send. */
export const UPLOAD_BYTES_PER_DAY = 1024 * MiB;

/** Where the day's amount is kept, so that loading the page anew does not begin another day. */
export interface UploadRecord {
  read(): { readonly day: number; readonly bytes: number } | null;
  write(record: { readonly day: number; readonly bytes: number }): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export class UploadBudget {
  readonly #record: UploadRecord;
  /** When all that was let go has left at the rate. */
  #busyUntilMs = -Infinity;

  constructor(record: UploadRecord) {
    this.#record = record;
  }

  /** Whether anything may still be sent today. `wallMs` since 1970. */
  isSpent(wallMs: number): boolean {
    return this.#today(wallMs).bytes >= UPLOAD_BYTES_PER_DAY;
  }

  /** Milliseconds to wait before `bytes` may leave, which are counted; null where today's amount is used up. */
  take(bytes: number, nowMs: number, wallMs: number): number | null {
    const today = this.#today(wallMs);
    if (today.bytes + bytes > UPLOAD_BYTES_PER_DAY) return null;
    this.#record.write({ day: today.day, bytes: today.bytes + bytes });
    const burstMs = (UPLOAD_BURST_BYTES / UPLOAD_BYTES_PER_SECOND) * 1000;
    const fromMs = Math.max(this.#busyUntilMs, nowMs - burstMs);
    this.#busyUntilMs = fromMs + (bytes / UPLOAD_BYTES_PER_SECOND) * 1000;
    return Math.max(0, this.#busyUntilMs - nowMs);
  }

  #today(wallMs: number): { readonly day: number; readonly bytes: number } {
    const day = Math.floor(wallMs / DAY_MS);
    const record = this.#record.read();
    return record?.day === day ? record : { day, bytes: 0 };
  }
}
