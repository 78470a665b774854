/**
 * Parsing at the edge: text from outside becomes a typed value or a `Problem`, never an exception.
 */
import type { z } from 'zod';
import { MAX_JSON_DEPTH } from '../limits.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Problem } from './problem.ts';

/** JSON text to a value that the schema accepts. Depth is measured before JSON.parse sees the text. */
export function parseJson<T>(text: string, schema: z.ZodType<T>): Result<T, Problem> {
  const value = readJson(text);
  return value.ok ? checkValue(value.value, schema) : value;
}

export function readJson(text: string): Result<unknown, Problem> {
  if (depthOf(text) > MAX_JSON_DEPTH) {
    return fail({
      code: 'json-too-deep',
      detail: 'the JSON is nested too deeply',
      expected: `at most ${MAX_JSON_DEPTH} levels`,
    });
  }
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return fail({
      code: 'malformed-json',
      detail: 'the text is not JSON',
      came: JSON.stringify(text.slice(0, 80)),
    });
  }
}

/** A parsed value through a schema; the first issue becomes the problem. */
export function checkValue<T>(value: unknown, schema: z.ZodType<T>): Result<T, Problem> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0]!;
  const field = issue.path.map(String).join('.');
  return fail({
    code: 'invalid-field',
    detail: issue.message,
    field: field === '' ? undefined : field,
    came: shown(valueAt(value, issue.path)),
  });
}

/** Deepest nesting of brackets outside strings; linear, without recursion. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 0x5c) i += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return deepest;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 120);
}
