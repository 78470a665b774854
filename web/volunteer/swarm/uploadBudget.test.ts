/** The budget: over any stretch of time no more leaves than rate and burst allow, and on no day more than its amount. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  UPLOAD_BURST_BYTES,
  UPLOAD_BYTES_PER_DAY,
  UPLOAD_BYTES_PER_SECOND,
  UploadBudget,
  type UploadRecord,
} from './uploadBudget.ts';

const MiB = 1024 * 1024;
const DAY_MS = 86_400_000;

function memoryRecord(): UploadRecord {
  let record: ReturnType<UploadRecord['read']> = null;
  return { read: () => record, write: (next) => (record = next) };
}

describe('the rate', () => {
  it('holds over every stretch of time', () => {
    const wish = fc.record({ afterMs: fc.nat(5_000), bytes: fc.integer({ min: 1, max: 2 * MiB }) });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 60 }), (wishes) => {
        const budget = new UploadBudget(memoryRecord());
        const left: { atMs: number; bytes: number }[] = [];
        let nowMs = 0;
        for (const { afterMs, bytes } of wishes) {
          nowMs += afterMs;
          const waitMs = budget.take(bytes, nowMs, 0);
          if (waitMs !== null) left.push({ atMs: nowMs + waitMs, bytes });
        }
        left.forEach((first, i) => {
          let total = 0;
          for (const { atMs, bytes } of left.slice(i)) {
            total += bytes;
            const seconds = (atMs - first.atMs) / 1000;
            const most = UPLOAD_BURST_BYTES + first.bytes + seconds * UPLOAD_BYTES_PER_SECOND;
            expect(total).toBeLessThanOrEqual(most + 1);
          }
        });
      }),
    );
  });

  it('lets a burst go at once, and the next after its time', () => {
    const budget = new UploadBudget(memoryRecord());
    expect(budget.take(UPLOAD_BURST_BYTES, 0, 0)).toBe(0);
    expect(budget.take(UPLOAD_BYTES_PER_SECOND, 0, 0)).toBe(1000);
  });
});

describe('the amount of a day', () => {
  it('is not passed, also by a page that is loaded anew, and begins anew the next day', () => {
    const record = memoryRecord();
    let budget = new UploadBudget(record);
    expect(budget.take(UPLOAD_BYTES_PER_DAY - 1, 0, 5)).not.toBeNull();
    budget = new UploadBudget(record);
    expect(budget.isSpent(5)).toBe(false);
    expect(budget.take(2, 0, DAY_MS - 1)).toBeNull();
    expect(budget.take(1, 0, DAY_MS - 1)).not.toBeNull();
    expect([budget.isSpent(DAY_MS - 1), budget.isSpent(DAY_MS)]).toEqual([true, false]);
    expect(budget.take(2, 0, DAY_MS)).not.toBeNull();
  });
});
