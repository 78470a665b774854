/** Text from outside: every trick is a value with a code, never an exception or a changed prototype. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_JSON_DEPTH } from '../limits.ts';
import { jobSpecSchema } from './job.ts';
import { hostMessageSchema } from './link.ts';
import { checkValue, parseJson, readJson } from './parse.ts';

const codeOf = (text: string) => {
  const read = readJson(text);
  return read.ok ? 'read' : read.error.code;
};

describe('depth', () => {
  it('is bounded at its limit exactly', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(codeOf(nested(MAX_JSON_DEPTH))).toBe('read');
    expect(codeOf(nested(MAX_JSON_DEPTH + 1))).toBe('json-too-deep');
    expect(codeOf('{"a":'.repeat(MAX_JSON_DEPTH + 1) + '1' + '}'.repeat(MAX_JSON_DEPTH + 1))).toBe(
      'json-too-deep',
    );
  });

  it('a bomb of a million brackets is refused before it is parsed', () => {
    expect(codeOf('['.repeat(1_000_000))).toBe('json-too-deep');
    expect(codeOf('[{"a":'.repeat(200_000))).toBe('json-too-deep');
  });

  it('brackets in strings do not count, whatever is escaped before them', () => {
    expect(codeOf(JSON.stringify('['.repeat(100)))).toBe('read');
    expect(codeOf(JSON.stringify(`\\"${'['.repeat(100)}`))).toBe('read');
    expect(codeOf(JSON.stringify({ '[[[[[[[[[[[[[[[[[[[[[': '\\' }))).toBe('read');
  });

  it('closing brackets buy no depth', () => {
    expect(codeOf(']'.repeat(100) + '['.repeat(50))).toBe('malformed-json');
    expect(codeOf(`[]${']'.repeat(100)}${'['.repeat(50)}`)).toBe('malformed-json');
  });
});

describe('malformed JSON', () => {
  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    "{'a':1}",
    'NaN',
    'undefined',
    '{"a":1}{',
    '\u0000',
    '"\n"',
    '01',
  ])('%j', (text) => {
    const read = readJson(text);
    expect(read).toMatchObject({ ok: false, error: { code: 'malformed-json' } });
  });

  it('what came is shown, shortened', () => {
    const read = readJson('x'.repeat(1_000_000));
    expect(read.ok ? '' : read.error.came!.length).toBe(82);
  });
});

describe('prototype pollution', () => {
  const ATTACKS = [
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"type":"want","count":1,"__proto__":{"polluted":true}}',
    '{"type":"__proto__"}',
    '{"name":"j","program":{"kind":"kernel","kernel":"k","params":{"__proto__":{"polluted":true}}}}',
    '{"name":"j","program":{"kind":"kernel","kernel":"k"},"inputs":{"__proto__":{"stacked":"x"}}}',
  ];

  it.each(ATTACKS)('%s changes nothing', (text) => {
    for (const schema of [hostMessageSchema, jobSpecSchema]) {
      const parsed = parseJson<unknown>(text, schema as z.ZodType<unknown>);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      if (parsed.ok) expect((parsed.value as { polluted?: boolean }).polluted).toBeUndefined();
    }
  });

  it('a message with __proto__ beside its fields is refused', () => {
    expect(parseJson<unknown>(ATTACKS[2]!, hostMessageSchema).ok).toBe(false);
  });
});

describe('a value through a schema', () => {
  const schema = z.strictObject({ list: z.array(z.strictObject({ n: z.number().max(5) })) });

  it('the first issue becomes the problem: field, and what came', () => {
    expect(checkValue({ list: [{ n: 1 }, { n: 9 }] }, schema)).toMatchObject({
      ok: false,
      error: { code: 'invalid-field', field: 'list.1.n', came: '9' },
    });
    expect(checkValue({}, schema)).toMatchObject({ error: { field: 'list', came: 'nothing' } });
    expect(checkValue(null, schema)).toMatchObject({ error: { field: undefined, came: 'null' } });
  });

  it('what came is bounded, however large', () => {
    const problem = checkValue({ list: 'x'.repeat(1e6) }, schema);
    expect(problem.ok ? 0 : problem.error.came!.length).toBe(120);
  });

  it('a huge string in a bounded field is refused', () => {
    const text = JSON.stringify({
      type: 'compute-error',
      assignment: 'a',
      code: 'c',
      message: 'x'.repeat(1e6),
    });
    expect(parseJson<unknown>(text, hostMessageSchema)).toMatchObject({
      error: { field: 'message' },
    });
  });
});
