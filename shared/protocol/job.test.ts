/** What an author may post: the pinned text, the defaults, and what is refused. */
import { describe, expect, it } from 'vitest';
import { MAX_ITEMS_PER_JOB, MAX_ITEMS_PER_SHARD, MAX_QUORUM } from '../limits.ts';
import { jobSpecSchema, type JobSpecInput } from './job.ts';
import { parseJson } from './parse.ts';
import { GOLDEN_ALGEBRAIC_SPEC, GOLDEN_JOB_SPEC } from './testing/goldenMessages.ts';

const DIGEST = 'a'.repeat(64);
const KERNEL = { kind: 'kernel', kernel: 'montecarlo@1', params: { seed: 1 } };
const parse = (spec: unknown) => parseJson(JSON.stringify(spec), jobSpecSchema);

describe('job specification', () => {
  it.each([
    ['with every field', GOLDEN_JOB_SPEC],
    ['with an algebraic check', GOLDEN_ALGEBRAIC_SPEC],
  ])('%s is read, and written the same', (_name, text) => {
    const parsed = parseJson(text, jobSpecSchema);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    expect(JSON.stringify(parsed.value)).toBe(text);
  });

  it('needs a name and a program; the defaults are these', () => {
    const shortest = { name: 'j', program: { kind: 'onnx', model: DIGEST } } as JobSpecInput;
    const parsed = parse(shortest);
    expect(parsed.ok && parsed.value).toEqual({
      name: 'j',
      program: { kind: 'onnx', model: DIGEST },
      inputs: {},
      verification: { kind: 'auto', mostWrong: 0.005, liars: 0.05, secondOpinion: 'contributors' },
    });
  });

  it('parts that are given get their own defaults', () => {
    const parsed = parse({
      name: 'j',
      program: { kind: 'kernel', kernel: 'nbody@1' },
      verification: { kind: 'quorum' },
      acceptance: { kind: 'exact' },
    });
    expect(parsed.ok && parsed.value).toMatchObject({
      program: { params: {} },
      verification: { quorum: 2, secondOpinion: 'contributors' },
      acceptance: { kind: 'exact', nonFinite: 'refuse' },
    });
  });
});

/** The change that makes a good specification wrong, and the field that the problem names. */
const WRONG: readonly [object, string | undefined][] = [
  [{ name: '' }, 'name'],
  [{ name: 'n'.repeat(201) }, 'name'],
  [{ name: 7 }, 'name'],
  [{ surplus: 1 }, undefined],
  [{ program: { kind: 'python', code: 'import os' } }, 'program.kind'],
  [{ program: { kind: 'onnx', model: 'A'.repeat(64) } }, 'program.model'],
  [{ program: { kind: 'onnx', model: '../../secret' } }, 'program.model'],
  [{ program: { kind: 'onnx', model: DIGEST, outputs: [] } }, 'program.outputs'],
  [{ program: { kind: 'onnx', model: DIGEST, outputs: [''] } }, 'program.outputs.0'],
  [{ program: { kind: 'onnx', model: DIGEST, itemsPerRun: 0 } }, 'program.itemsPerRun'],
  [{ program: { kind: 'onnx', model: DIGEST, surplus: 1 } }, 'program'],
  [{ program: { ...KERNEL, kernel: 'k'.repeat(65) } }, 'program.kernel'],
  [{ program: { ...KERNEL, params: { a: 'x'.repeat(17_000) } } }, 'program.params'],
  [{ program: { ...KERNEL, params: [] } }, 'program.params'],
  [{ inputs: { stacked: 'nowhere' } }, 'inputs.stacked'],
  [{ inputs: { other: DIGEST } }, 'inputs'],
  [{ items: 0 }, 'items'],
  [{ items: MAX_ITEMS_PER_JOB + 1 }, 'items'],
  [{ items: 1.5 }, 'items'],
  [{ items: '10' }, 'items'],
  [{ itemsPerShard: 0 }, 'itemsPerShard'],
  [{ itemsPerShard: MAX_ITEMS_PER_SHARD + 1 }, 'itemsPerShard'],
  [{ verification: { kind: 'trust-me' } }, 'verification.kind'],
  [{ verification: { kind: 'algebraic', quorum: 2 } }, 'verification'],
  [{ verification: { kind: 'auto', mostWrong: 0 } }, 'verification.mostWrong'],
  [{ verification: { kind: 'auto', mostWrong: 1.1 } }, 'verification.mostWrong'],
  [{ verification: { kind: 'auto', liars: -0.1 } }, 'verification.liars'],
  [{ verification: { kind: 'auto', liars: 0.51 } }, 'verification.liars'],
  [{ verification: { kind: 'auto', quorum: 2 } }, 'verification'],
  [{ verification: { kind: 'quorum', quorum: 0 } }, 'verification.quorum'],
  [{ verification: { kind: 'quorum', quorum: MAX_QUORUM + 1 } }, 'verification.quorum'],
  [{ verification: { kind: 'quorum', secondOpinion: 'oracle' } }, 'verification.secondOpinion'],
  [{ acceptance: { kind: 'cosine' } }, 'acceptance.kind'],
  [
    { acceptance: { kind: 'relative-l2', maxRelativeL2: 0, maxElementError: 1 } },
    'acceptance.maxRelativeL2',
  ],
  [
    { acceptance: { kind: 'relative-l2', maxRelativeL2: 2, maxElementError: 1 } },
    'acceptance.maxRelativeL2',
  ],
  [{ acceptance: { kind: 'relative-l2', maxRelativeL2: 0.1 } }, 'acceptance.maxElementError'],
  [{ acceptance: { kind: 'exact', nonFinite: 'whatever' } }, 'acceptance.nonFinite'],
  [{ budget: '-5' }, 'budget'],
  [{ budget: 5 }, 'budget'],
  [{ budget: '9'.repeat(31) }, 'budget'],
  [{ budget: '1e6' }, 'budget'],
];

describe('refused specifications', () => {
  it.each(WRONG)('case %$', (change, field) => {
    const parsed = parse({ name: 'j', program: KERNEL, items: 10, ...change });
    if (parsed.ok) throw new Error('taken');
    expect(parsed.error.code).toBe('invalid-field');
    expect(parsed.error.field).toBe(field);
    expect(parsed.error.detail).not.toBe('');
  });
});
