/** The structural gate of a stage's messages: what is taken, and each refusal with its code. */
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '@noble/hashes/utils.js';
import { commitmentOfRoot } from '../../../shared/commitment.ts';
import type { ProblemCode } from '../../../shared/protocol/problem.ts';
import { boundaryRoot, boundaryTree, stageOpening } from '../../../shared/stage.ts';
import { tensorOf, type NamedTensors } from '../../../shared/tensor.ts';
import { challengeOf } from '../../core/challenge.ts';
import type { Job, ProgramFacts } from '../../core/state.ts';
import { assignmentOf, digest, jobOf, LEASED, shardOf } from '../../core/testing/work.ts';
import { digestOf, hmacSha256 } from '../../digest.ts';
import { commitProblem, takeStageReport } from './stageIntake.ts';

const ITEMS = 4;
const facts = (input: string, output: string): ProgramFacts => ({
  ...jobOf().facts,
  inputs: { [input]: { dtype: 'F32', dims: [2] } },
  outputs: { [output]: { dtype: 'F32', dims: [3] } },
});
const JOB: Job = jobOf({
  items: ITEMS,
  itemsPerShard: ITEMS,
  shards: 1,
  program: { kind: 'staged', stages: [digest('first'), digest('last')], itemsPerRun: 1 },
  facts: { ...facts('x', 'y'), stages: [facts('x', 'h'), facts('h', 'y')] },
});
const SHARD = shardOf(JOB);
const column = (name: string, width: number, rows = ITEMS): NamedTensors => ({
  [name]: tensorOf(
    'F32',
    [rows, width],
    Float32Array.from({ length: rows * width }, (_, i) => i),
  ),
});
const SIDES = [
  { inputs: column('x', 2), outputs: column('h', 3) },
  { inputs: column('h', 2), outputs: column('y', 3) },
] as const;
const ROWS = [3, 1];

/** An honest stage's commitment, and the report that follows. */
function honest(stage: 0 | 1, rows: readonly number[] = ROWS) {
  const { inputs, outputs } = SIDES[stage];
  const mine = assignmentOf(SHARD, 'me', LEASED, { stage });
  const trees = [inputs, outputs].map((side) => boundaryTree(side, ITEMS)) as [
    Uint8Array,
    Uint8Array,
  ];
  const boundary = { inputs: boundaryRoot(trees[0]), outputs: boundaryRoot(trees[1]) };
  const root = commitmentOfRoot(mine.id, hexToBytes(boundary.outputs));
  const opening = stageOpening(
    { tensors: inputs, tree: trees[0] },
    { tensors: outputs, tree: trees[1] },
    rows,
  );
  return {
    mine,
    boundary,
    committed: { root, stage: { ...boundary, rows: [...rows] } },
    report: {
      challenge: challengeOf(JOB, mine, root, hmacSha256),
      openings: opening.paths,
    },
    tensors: { ...(stage === 1 ? outputs : {}), ...opening.tensors } as NamedTensors,
  };
}
type Honest = ReturnType<typeof honest>;

const take = ({ mine, committed, report, tensors }: Honest) =>
  takeStageReport(JOB, SHARD, mine, committed, report, tensors);

describe('an honest report', () => {
  it('of a stage in the middle keeps what it computed: its root stands for it', () => {
    const stage = honest(0);
    const taken = take(stage);
    expect(taken).toMatchObject({
      ok: true,
      value: { own: { digest: stage.boundary.outputs, bytes: null }, probes: null },
    });
  });

  it('of the last stage brings everything', () => {
    const taken = take(honest(1));
    if (!taken.ok) throw new Error(taken.error.code);
    const { own } = taken.value;
    expect(own.digest).toBe(digestOf(own.bytes!));
  });

  it('that was asked for nothing shows nothing', () => {
    for (const stage of [0, 1] as const) expect(take(honest(stage, [])).ok).toBe(true);
  });
});

const replaced = (name: string, tensor: NamedTensors[string]) => (good: Honest) => ({
  ...good,
  tensors: { ...good.tensors, [name]: tensor },
});
const without = (name: string) => (good: Honest) => ({
  ...good,
  tensors: Object.fromEntries(Object.entries(good.tensors).filter(([key]) => key !== name)),
});
const paths = (change: (all: string[][]) => string[][]) => (good: Honest) => ({
  ...good,
  report: { ...good.report, openings: change(good.report.openings) },
});
const f32 = (dims: readonly number[], fill: number) =>
  tensorOf('F32', dims, new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(fill));

const WRONG: readonly [string, 0 | 1, (good: Honest) => Honest, ProblemCode][] = [
  ['an output nobody asked for', 0, replaced('h', f32([4, 3], 1)), 'report-output-unknown'],
  ['a side nobody asked for', 0, replaced('by:h', f32([2, 3], 1)), 'report-output-unknown'],
  ['no inputs', 0, without('in:x'), 'report-output-missing'],
  ['no shown outputs', 0, without('out:h'), 'report-output-missing'],
  ['nothing of what it computed, at the end', 1, without('y'), 'report-output-missing'],
  [
    'another dtype',
    0,
    replaced('in:x', tensorOf('I32', [2, 2], new Int32Array(4))),
    'report-dtype',
  ],
  ['another shape', 0, replaced('out:h', f32([2, 4], 1)), 'report-shape'],
  ['more rows', 0, replaced('in:x', f32([3, 2], 1)), 'report-shape'],
  ['fewer rows of everything, at the end', 1, replaced('y', f32([3, 3], 1)), 'report-shape'],
  ['a NaN among its inputs', 0, replaced('in:x', f32([2, 2], NaN)), 'report-not-finite'],
  ['an infinity at the end', 1, replaced('y', f32([4, 3], Infinity)), 'report-not-finite'],
  ['other inputs', 0, replaced('in:x', f32([2, 2], 9)), 'report-openings'],
  ['other outputs', 0, replaced('out:h', f32([2, 3], 9)), 'report-openings'],
  ['a path too few', 0, paths((all) => all.slice(1)), 'report-openings'],
  ['a path too many', 0, paths((all) => [...all, all[0]!]), 'report-openings'],
  ['paths of other rows', 0, paths((all) => [...all].reverse()), 'report-openings'],
  ['no hash', 0, paths((all) => all.map((path) => path.map(() => 'x'))), 'report-openings'],
  ['other outputs than it committed to', 1, replaced('y', f32([4, 3], 9)), 'report-root-mismatch'],
  [
    'the answer to another challenge',
    0,
    (good) => ({ ...good, report: { ...good.report, challenge: 'a'.repeat(64) } }),
    'report-challenge',
  ],
  [
    'rows that were not drawn',
    0,
    (good) => ({ ...honest(0, [0, 2]), committed: good.committed }),
    'report-openings',
  ],
];

describe('a report is refused', () => {
  it.each(WRONG)('with %s, stage %i', (_, stage, change, code) => {
    const taken = take(change(honest(stage)));
    expect(taken.ok ? 'taken' : taken.error.code).toBe(code);
  });
});

describe('a commitment', () => {
  const { mine, boundary, committed } = honest(0);
  const { root } = committed;
  const plain = { id: mine.id, stage: undefined } as unknown as Parameters<typeof commitProblem>[0];

  it('is of a stage exactly where the assignment is one', () => {
    expect(commitProblem(mine, { root, boundary })).toBeNull();
    expect(commitProblem(plain, { root, boundary: undefined })).toBeNull();
    expect(commitProblem(mine, { root, boundary: undefined })?.code).toBe('commit-boundary');
    expect(commitProblem(plain, { root, boundary })?.code).toBe('commit-boundary');
  });

  it('has the root of what it sends on, bound to its assignment', () => {
    const swapped = { inputs: boundary.outputs, outputs: boundary.inputs };
    expect(commitProblem(mine, { root, boundary: swapped })?.code).toBe('commit-boundary');
    expect(commitProblem(mine, { root: boundary.outputs, boundary })?.code).toBe('commit-boundary');
    const other = assignmentOf(SHARD, 'other', LEASED, { stage: 0 });
    expect(commitProblem(other, { root, boundary })?.code).toBe('commit-boundary');
  });
});
