/** What a stream of checks says: ejection, probation, the gate. Rates are simulated with a seeded generator. */
import { describe, expect, it } from 'vitest';
import type { BlobDigest } from '../../shared/ids.ts';
import { Rng } from '../sim/rng.ts';
import {
  FORGETTING_CHECKS,
  GATE_CHECKS,
  LATER_CHECKS,
  NEW_STREAM,
  afterChecks,
  afterDoubt,
  afterReport,
  checksMissing,
  gateMissing,
  itemsBesideProbes,
  mostProbes,
  probesOf,
  programKeyOf,
  programOfStream,
  streamKeyOf,
  streamOf,
  triageMissing,
  withStream,
  type Stream,
  type Streams,
} from './stream.ts';

const clean = (count: number, stream: Stream = NEW_STREAM): Stream =>
  afterChecks(stream, { clean: count, mismatched: 0 });
const mismatch = (stream: Stream, mismatched = 1): Stream =>
  afterChecks(stream, { clean: 0, mismatched });

describe('ejection', () => {
  it('no single report ejects, however bad', () => {
    expect(mismatch(NEW_STREAM, 32).ejected).toBe(false);
  });

  it('a second bad report ejects, also after a long honest past', () => {
    const past = clean(1_000_000);
    expect(mismatch(mismatch(past, 8), 8).ejected).toBe(true);
  });

  it('a second mismatch ejects within some 2,300 checks, not when it comes later', () => {
    const again = (after: number) => mismatch(clean(after, mismatch(NEW_STREAM)));
    expect(again(2_300).ejected).toBe(true);
    expect(again(2_400)).toMatchObject({ ejected: false, mismatches: 2 });
    expect(mismatch(clean(6_000, again(6_000)))).toMatchObject({ ejected: false, mismatches: 3 });
  });

  it('is for good', () => {
    expect(clean(1_000_000, mismatch(mismatch(NEW_STREAM, 8), 8)).ejected).toBe(true);
  });

  /** Reports of `items` checks each until ejected; `null` where that does not happen within `reports`. */
  function reportsUntilEjected(seed: number, rate: number, items: number, reports: number) {
    const rng = new Rng(seed);
    let stream = NEW_STREAM;
    for (let report = 1; report <= reports; report++) {
      let mismatched = 0;
      for (let i = 0; i < items; i++) if (rng.chance(rate)) mismatched += 1;
      stream = afterReport(stream, 512, { clean: items - mismatched, mismatched });
      if (stream.ejected) return report;
    }
    return null;
  }

  it('a tenth skipped is found within eight reports, one item in 512 within some hundreds', () => {
    const found = (rate: number, reports: number) =>
      Array.from({ length: 200 }, (_, seed) => reportsUntilEjected(seed, rate, 14, reports));
    expect(found(0.1, 8).filter((n) => n !== null).length).toBeGreaterThan(196);
    expect(found(1 / 512, 600).filter((n) => n !== null).length).toBeGreaterThan(190);
  });

  it('flaky but honest hardware stays: five times the faults that are allowed for', () => {
    const found = Array.from({ length: 10 }, (_, seed) =>
      reportsUntilEjected(seed, 1e-6, 14, 20_000),
    );
    expect(found.filter((n) => n !== null)).toEqual([]);
  });
});

describe('probation', () => {
  it('ends after some thousand items, begins again with a mismatch, and some probes always remain', () => {
    expect(probesOf(NEW_STREAM, 512, 0)).toBe(8);
    let stream = afterReport(NEW_STREAM, 512, { clean: 8, mismatched: 0 });
    for (let i = 1; i < 10; i++) {
      expect(probesOf(stream, 512, 0)).toBe(32);
      stream = afterReport(stream, 512, { clean: 32, mismatched: 0 });
    }
    expect(probesOf(stream, 512, 0.99)).toBe(8);
    expect(probesOf(mismatch(stream), 512, 0)).toBe(32);
    for (let i = 0; i < 10_000; i++) stream = afterReport(stream, 512, { clean: 8, mismatched: 0 });
    expect(probesOf(stream, 512, 0)).toBe(8);
  });

  it('does not begin for a name that was caught at once: it is as new as the next one', () => {
    const caught = afterReport(NEW_STREAM, 512, { clean: 0, mismatched: 8 });
    expect(probesOf(caught, 512, 0)).toBe(8);
    expect(probesOf(afterReport(caught, 512, { clean: 8, mismatched: 0 }), 512, 0)).toBe(32);
  });

  it('items and their probes fill what an assignment may hold, and no more', () => {
    for (let most = 2; most <= 5_000; most++) {
      const items = itemsBesideProbes(most);
      expect(items + mostProbes(items)).toBeLessThanOrEqual(most);
      expect(items + 1 + mostProbes(items + 1)).toBeGreaterThan(most);
    }
  });

  it('small assignments carry a probe now and then: the rate is the stream’s', () => {
    const stream = afterReport(NEW_STREAM, 1e6, { clean: 0, mismatched: 0 });
    const rng = new Rng(1);
    let probes = 0;
    for (let i = 0; i < 64_000; i++) probes += probesOf(stream, 4, rng.next());
    expect(probes / (4 * 64_000)).toBeCloseTo(8 / 512, 3);
    expect(mostProbes(4)).toBe(1);
  });
});

describe('the gate', () => {
  it('wants enough checks in all, and some after the report', () => {
    expect(checksMissing(NEW_STREAM, 0)).toBe(GATE_CHECKS);
    expect(checksMissing(clean(GATE_CHECKS), 0)).toBe(0);
    expect(checksMissing(clean(GATE_CHECKS), GATE_CHECKS)).toBe(LATER_CHECKS);
    expect(checksMissing(clean(5_000), 5_000 - LATER_CHECKS)).toBe(0);
    expect(checksMissing(clean(GATE_CHECKS), 0, 3 * GATE_CHECKS)).toBe(2 * GATE_CHECKS);
  });

  it('a mismatch closes it until the sequential test has forgotten that', () => {
    const caught = mismatch(clean(5_000));
    const missing = FORGETTING_CHECKS;
    expect(missing).toBeGreaterThan(4 * GATE_CHECKS);
    expect(checksMissing(caught, 0)).toBe(missing);
    expect(checksMissing(clean(missing - 1, caught), 0)).toBe(1);
    expect(checksMissing(clean(missing, caught), 0)).toBe(0);
    expect(clean(missing, caught).score).toBe(0);
    // The gate alone, which is all that stages have: the referee makes each of their checks.
    expect(gateMissing(caught, 0, 128, 16)).toBe(128);
    expect(gateMissing(clean(128, caught), 0, 128, 16)).toBe(0);
  });
});

describe('doubt', () => {
  it('takes back what others vouched for, until a mismatch begins anew', () => {
    const doubted = afterDoubt(clean(GATE_CHECKS), 24);
    expect(checksMissing(doubted, 0)).toBe(24);
    expect(checksMissing(clean(24, doubted), 0)).toBe(0);
    expect(afterDoubt(clean(10), 1_000).doubted).toBe(10);
    const caught = mismatch(clean(5_000));
    expect(checksMissing(afterDoubt(clean(3_000, caught), 2_000), 0)).toBe(
      FORGETTING_CHECKS - 1_000,
    );
    expect(mismatch(doubted).doubted).toBe(0);
  });
});

describe('triage', () => {
  it('follows a mismatch, ends with enough checks, and is not for who is out', () => {
    expect(triageMissing(clean(100))).toBe(0);
    const caught = mismatch(clean(100));
    expect(triageMissing(caught)).toBe(64);
    expect(triageMissing(clean(60, caught))).toBe(4);
    expect(triageMissing(clean(64, caught))).toBe(0);
    expect(triageMissing(mismatch(caught))).toBe(0);
  });
});

describe('streams of a contributor', () => {
  const MODEL = 'a'.repeat(64) as BlobDigest;
  it('are told apart by program, rule and size of the work, not by parameters', () => {
    const kernel = { kind: 'kernel', kernel: 'matmul@1', params: { m: 1 } } as const;
    const exact = { kind: 'exact', nonFinite: 'refuse' } as const;
    const work = { program: kernel, acceptance: exact, facts: { flopsPerItem: 2e6 } };
    const key = streamKeyOf(work);
    expect(streamKeyOf({ ...work, program: { ...kernel, params: { m: 2 } } })).toBe(key);
    expect(streamKeyOf({ ...work, facts: { flopsPerItem: 9e6 } })).toBe(key);
    expect(streamKeyOf({ ...work, program: { ...kernel, kernel: 'matmul@2' } })).not.toBe(key);
    // Trivial items, or a rule that accepts everything, earn nothing here.
    expect(streamKeyOf({ ...work, facts: { flopsPerItem: 20 } })).not.toBe(key);
    const loose = { ...exact, kind: 'relative-l2', maxRelativeL2: 1, maxElementError: 9 } as const;
    expect(streamKeyOf({ ...work, acceptance: loose })).not.toBe(key);
    const onnx = { kind: 'onnx', model: MODEL, itemsPerRun: 1 } as const;
    expect(streamKeyOf({ ...work, program: onnx })).toContain(MODEL);
    // Who is distrusted is, whatever the rule and the size.
    for (const program of [kernel, onnx]) {
      expect(programOfStream(streamKeyOf({ ...work, program }))).toBe(programKeyOf(program));
    }
  });

  it('are bounded; ejections are the last to be forgotten', () => {
    const ejected = { ...NEW_STREAM, ejected: true };
    let streams: Streams = withStream([], 'cheated', ejected);
    for (let i = 0; i < 200; i++) streams = withStream(streams, `s${i}`, NEW_STREAM);
    expect(streams).toHaveLength(64);
    expect(streamOf(streams, 'cheated').ejected).toBe(true);
    expect(streamOf(streams, 's199')).toBe(NEW_STREAM);
    for (let i = 0; i < 200; i++) streams = withStream(streams, `e${i}`, ejected);
    expect(streams).toHaveLength(64);
  });
});
