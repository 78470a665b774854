/** Samples cost nothing where nobody looks, are of one item, and outlive the buffers that they were taken from. */
import { expect, test } from 'vitest';
import { MAX_SAMPLE_BYTES } from '../../shared/limits.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { assignment } from '../volunteer/testing.ts';
import type { ComputedWork } from '../volunteer/ports.ts';
import { WorkSamples, type WorkSample } from './workSamples.ts';

const workOf = (change: Partial<ComputedWork> = {}): ComputedWork => ({
  assign: assignment('a', { items: [7, 3] }),
  stacked: { x: tensorOf('F32', [2, 2], Float32Array.of(1, 2, 3, 4)) },
  outputs: { y: tensorOf('U32', [2], Uint32Array.of(5, 6)) },
  ...change,
});

function watched(isSeen = () => true) {
  let nowMs = 0;
  const samples = new WorkSamples(() => nowMs, isSeen);
  const seen: WorkSample[] = [];
  return {
    samples,
    seen,
    end: samples.subscribe((it) => seen.push(it)),
    pass: (ms: number) => (nowMs += ms),
  };
}

test('one item, without the axis of items, and a copy of its own', () => {
  const { samples, seen } = watched();
  const work = workOf();
  samples.take(work);
  work.stacked['x']!.bytes.fill(0);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ job: 'job_1', item: 7 });
  expect(seen[0]!.inputs['x']!.dims).toEqual([2]);
  expect([...valuesOf(seen[0]!.inputs['x']!)]).toEqual([1, 2]);
  expect([...valuesOf(seen[0]!.outputs['y']!)]).toEqual([5]);
});

test('at most one a second', () => {
  const { samples, seen, pass } = watched();
  for (let i = 0; i < 5; i++) samples.take(workOf());
  pass(999);
  samples.take(workOf());
  expect(seen).toHaveLength(1);
  pass(1);
  samples.take(workOf());
  expect(seen).toHaveLength(2);
});

test('none where nobody looks, where the page is covered, of a stage, or of an item that is too large', () => {
  const hidden = watched(() => false);
  hidden.samples.take(workOf());
  expect(hidden.seen).toEqual([]);
  const { samples, seen, end } = watched();
  const stage = { route: 'r', index: 0, of: 2, sequence: 0, inputs: {} } as never;
  samples.take(workOf({ assign: assignment('a', { items: [1, 2], stage }) }));
  const wide = new Float32Array(MAX_SAMPLE_BYTES / 2);
  samples.take(workOf({ stacked: { x: tensorOf('F32', [2, wide.length / 2], wide) } }));
  expect(seen).toEqual([]);
  end();
  samples.take(workOf());
  expect(seen).toEqual([]);
});
