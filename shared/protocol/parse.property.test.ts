/** A hundred thousand texts from outside, half of them nearly right: parsing never throws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { MAX_JSON_DEPTH } from '../limits.ts';
import { jobSpecSchema } from './job.ts';
import { coordinatorMessageSchema, hostMessageSchema } from './link.ts';
import { parseJson, readJson } from './parse.ts';
import { PROBLEM_STATUS } from './problem.ts';
import {
  GOLDEN_COORDINATOR_MESSAGES,
  GOLDEN_HOST_MESSAGES,
  GOLDEN_JOB_SPEC,
} from './testing/goldenMessages.ts';

type Schema = z.ZodType<unknown>;
const GOLDEN: readonly (readonly [string, Schema])[] = [
  ...Object.values(GOLDEN_HOST_MESSAGES).map((text) => [text, hostMessageSchema] as const),
  ...Object.values(GOLDEN_COORDINATOR_MESSAGES).map(
    (text) => [text, coordinatorMessageSchema] as const,
  ),
  [GOLDEN_JOB_SPEC, jobSpecSchema],
];

/** Every answer is a value or a known problem. */
function check([text, schema]: readonly [string, Schema]): void {
  const parsed = parseJson(text, schema);
  if (!parsed.ok && !(parsed.error.code in PROBLEM_STATUS)) expect.fail(parsed.error.code);
}

/** A golden text with a piece cut out, doubled or replaced. */
const mutated = fc
  .tuple(
    fc.constantFrom(...GOLDEN),
    fc.nat(),
    fc.nat(12),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        '"',
        '\\',
        '{',
        '[',
        ']',
        '}',
        ',',
        ':',
        '1e999',
        '-0',
        'null',
        '"__proto__"',
      ),
    ),
  )
  .map(([[text, schema], at, cut, put]) => {
    const start = at % text.length;
    return [text.slice(0, start) + put + text.slice(start + cut), schema] as const;
  });

/** A golden message whose fields have become anything. */
const distorted = fc
  .tuple(fc.constantFrom(...GOLDEN), fc.nat(), fc.json({ maxDepth: 3 }))
  .map(([[text, schema], at, value]) => {
    const whole = JSON.parse(text) as Record<string, unknown>;
    const fields = Object.keys(whole);
    const distorted = JSON.stringify({
      ...whole,
      [fields[at % fields.length]!]: JSON.parse(value) as unknown,
    });
    return [distorted, schema] as const;
  });

describe('texts from outside never throw', () => {
  it('mutated golden texts', () => {
    fc.assert(fc.property(mutated, check), { numRuns: 70_000 });
  });

  it('golden messages with a field of any kind', () => {
    fc.assert(fc.property(distorted, check), { numRuns: 15_000 });
  });

  it('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) =>
        check([text, hostMessageSchema]),
      ),
      {
        numRuns: 15_000,
      },
    );
  });

  it('any JSON within the depth is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: MAX_JSON_DEPTH - 2 }), (text) => {
        expect(readJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
      }),
      { numRuns: 2_000 },
    );
  });
});
