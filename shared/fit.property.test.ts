/** What a volunteer's wishes mean, over all of them: nothing unwished, nothing held back without a wish against it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RATE_PERCENT } from './limits.ts';
import { FIT_RULES, WORK_KIND_OF, misfitOf, wishAgainst, type Work } from './fit.ts';
import { ALL_WORK, wishesSchema, type Selection, type Wishes } from './protocol/wishes.ts';

const anyId = fc.constantFrom('a', 'b', 'c');
const anyIds = fc.array(anyId, { maxLength: 3 });
const anySelection: fc.Arbitrary<Selection> = fc.record({ not: anyIds, only: anyIds });
const anyWishes: fc.Arbitrary<Wishes> = fc.record({
  kind: fc.constantFrom('any', 'model', 'kernel'),
  authors: anySelection,
  jobs: anySelection,
  leastRatePercent: fc.integer({ min: 0, max: 300 }),
});
const anyWork: fc.Arbitrary<Work> = fc.record({
  id: fc.option(anyId),
  author: anyId,
  kind: fc.constantFrom('onnx', 'kernel', 'staged'),
  ratePercent: fc.option(fc.integer({ min: 50, max: 300 }), { nil: undefined }),
  memoryBytes: fc.constant(0),
});
const CAPABLE = { engines: ['webgpu', 'wasm', 'cpu'] as const, memoryBytes: 1 };

describe('wishes', () => {
  it('nothing is given to a volunteer that it excludes, and all that it does not', () => {
    fc.assert(
      fc.property(anyWishes, anyWork, (wishes, work) => {
        expect(wishesSchema.parse(wishes)).toEqual(wishes);
        const picks = ({ not, only }: Selection, id: string) =>
          not.every((it) => it !== id) && (only.length === 0 || only.some((it) => it === id));
        const isWished =
          (wishes.kind === 'any' || wishes.kind === WORK_KIND_OF[work.kind]) &&
          picks(wishes.authors, work.author) &&
          (work.id === null || picks(wishes.jobs, work.id)) &&
          (work.ratePercent ?? 100) >= wishes.leastRatePercent;
        expect(wishAgainst(wishes, work) === null).toBe(isWished);
        const device = { capabilities: { ...CAPABLE, engines: [...CAPABLE.engines] }, wishes };
        expect(misfitOf(work, device)).toBe(isWished ? null : 'not-wished');
      }),
    );
  });

  it('without any, everything is wished', () => {
    fc.assert(
      fc.property(anyWork, (work) => {
        expect(wishAgainst(ALL_WORK, work)).toBeNull();
      }),
    );
    expect(wishesSchema.safeParse(ALL_WORK).success).toBe(true);
  });

  it('a rate is wished up to the highest that can be offered, and no id twice as long as any', () => {
    const parse = (change: object) => wishesSchema.safeParse({ ...ALL_WORK, ...change }).success;
    expect(parse({ leastRatePercent: MAX_RATE_PERCENT })).toBe(true);
    expect(parse({ leastRatePercent: MAX_RATE_PERCENT + 1 })).toBe(false);
    expect(parse({ leastRatePercent: -1 })).toBe(false);
    expect(parse({ authors: { not: ['x'.repeat(81)], only: [] } })).toBe(false);
    expect(parse({ authors: { not: [], only: ['<b>'] } })).toBe(false);
  });
});

it('who cannot run something does not exclude it', () => {
  const work: Work = { id: 'j', author: 'a', kind: 'onnx', memoryBytes: 10 };
  const wishes: Wishes = { ...ALL_WORK, kind: 'kernel' };
  const on = (engines: ('webgpu' | 'wasm' | 'cpu')[], memoryBytes: number) =>
    misfitOf(work, { capabilities: { engines, memoryBytes }, wishes });
  expect(on(['cpu'], 10)).toBe('no-engine');
  expect(on(['wasm'], 9)).toBe('not-enough-memory');
  expect(on(['wasm'], 10)).toBe('not-wished');
  expect(FIT_RULES.at(-1)?.refusal).toBe('not-wished');
});
