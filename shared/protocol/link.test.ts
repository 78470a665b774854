/** The link protocol: pinned texts of every message, and what each of them refuses. */
import { describe, expect, it } from 'vitest';
import type { AssignmentId } from '../ids.ts';
import {
  MAX_BLOB_BYTES,
  MAX_CHUNKS,
  MAX_ITEMS_PER_SHARD,
  MAX_LEASES_PER_HOST,
  MAX_OPENINGS_PER_REPORT,
  MAX_ORIGIN_CHARS,
  MAX_PATH_HASHES,
} from '../limits.ts';
import { commitText, coordinatorMessageSchema, helloText, hostMessageSchema } from './link.ts';
import { parseJson } from './parse.ts';
import { GOLDEN_COORDINATOR_MESSAGES, GOLDEN_HOST_MESSAGES } from './testing/goldenMessages.ts';

const typesOf = (schema: typeof hostMessageSchema | typeof coordinatorMessageSchema): string[] =>
  schema.options.map((option) => option.shape.type.value).sort();

const ENDS = [
  ['host', hostMessageSchema, GOLDEN_HOST_MESSAGES],
  ['coordinator', coordinatorMessageSchema, GOLDEN_COORDINATOR_MESSAGES],
] as const;

const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  refused: ['assignment'],
  assign: ['nonFinite', 'stage'],
  commit: ['boundary'],
  open: ['rows'],
};

describe.each(ENDS)('messages of the %s', (_, schema, golden) => {
  const texts = Object.entries(golden);

  it('every type has its golden text', () => {
    expect(Object.keys(golden).sort()).toEqual(typesOf(schema));
  });

  it.each(texts)('%s is read, and written the same', (type, text) => {
    const parsed = parseJson<{ type: string }>(text, schema);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    expect(parsed.value.type).toBe(type);
    expect(JSON.stringify(parsed.value)).toBe(text);
  });

  it.each(texts)('%s with a field more is refused', (_type, text) => {
    const parsed = parseJson<unknown>(text.replace('{', '{"surplus":1,'), schema);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'invalid-field' } });
    expect(JSON.stringify(parsed)).toContain('surplus');
  });

  it.each(texts)('%s without any one of its fields is refused', (type, text) => {
    const whole = JSON.parse(text) as Record<string, unknown>;
    const optional = OPTIONAL[type] ?? [];
    for (const field of Object.keys(whole)) {
      const { [field]: _dropped, ...rest } = whole;
      const parsed = parseJson<unknown>(JSON.stringify(rest), schema);
      expect(parsed.ok, `${type} without ${field}`).toBe(optional.includes(field));
    }
  });

  it.each(texts)('%s with any one of its fields of another kind is refused', (type, text) => {
    const whole = JSON.parse(text) as Record<string, unknown>;
    for (const field of Object.keys(whole)) {
      for (const wrong of [null, true, { a: 1 }, [[]]]) {
        if (field === 'constants' && wrong === null) continue; // a job without constant inputs
        if (field === 'shares' && wrong === true) continue; // what it is
        if (field === 'openings' && Array.isArray(wrong)) continue; // what opens a single row
        if ((field === 'from' || field === 'to') && wrong === null) continue; // the end of a route
        const parsed = parseJson<unknown>(JSON.stringify({ ...whole, [field]: wrong }), schema);
        expect(parsed.ok, `${type} with ${field} ${JSON.stringify(wrong)}`).toBe(false);
      }
    }
  });

  it('an unknown type is refused', () => {
    for (const type of ['nonsense', '__proto__', 'constructor', '']) {
      expect(parseJson<unknown>(JSON.stringify({ type }), schema).ok).toBe(false);
    }
  });
});

/** A message, the change that makes it wrong, and the field that the problem names. */
const WRONG: readonly [keyof typeof GOLDEN_HOST_MESSAGES, object, string][] = [
  ['hello', { publicKey: 'ABCD' }, 'publicKey'],
  ['hello', { signature: '00' }, 'signature'],
  ['hello', { host: '../../etc/passwd' }, 'host'],
  ['hello', { host: 'x'.repeat(81) }, 'host'],
  ['hello', { version: 1.5 }, 'version'],
  ['hello', { agent: 'x'.repeat(201) }, 'agent'],
  [
    'hello',
    { capabilities: { engines: ['cuda'], adapter: '', memoryBytes: 1 } },
    'capabilities.engines.0',
  ],
  [
    'hello',
    { capabilities: { engines: [], adapter: '', memoryBytes: -1 } },
    'capabilities.memoryBytes',
  ],
  ['want', { count: -1 }, 'count'],
  ['want', { count: MAX_LEASES_PER_HOST + 1 }, 'count'],
  ['want', { count: 0.5 }, 'count'],
  ['progress', { itemsDone: MAX_ITEMS_PER_SHARD + 1 }, 'itemsDone'],
  ['progress', { assignment: '' }, 'assignment'],
  ['commit', { root: 'a'.repeat(63) }, 'root'],
  ['commit', { root: 'A'.repeat(64) }, 'root'],
  ['commit', { signature: 'a'.repeat(127) }, 'signature'],
  ['hello', { origin: 'x'.repeat(MAX_ORIGIN_CHARS + 1) }, 'origin'],
  ['hello', { nonce: 'a'.repeat(63) }, 'nonce'],
  ['report', { challenge: 'a'.repeat(63) }, 'challenge'],
  ['report', { openings: Array(MAX_OPENINGS_PER_REPORT + 1).fill([]) }, 'openings'],
  ['report', { openings: [Array(MAX_PATH_HASHES + 1).fill('')] }, 'openings.0'],
  ['report', { openings: [['a'.repeat(65)]] }, 'openings.0.0'],
  ['report', { engine: 'abacus' }, 'engine'],
  ['report', { computeMs: -1 }, 'computeMs'],
  ['report', { computeMs: 1e10 }, 'computeMs'],
  ['compute-error', { message: 'x'.repeat(2001) }, 'message'],
  ['compute-error', { code: 'x'.repeat(65) }, 'code'],
  ['return', { assignments: [] }, 'assignments'],
  ['return', { assignments: Array(MAX_LEASES_PER_HOST * 4 + 1).fill('asg_1') }, 'assignments'],
  ['return', { reason: 'bored' }, 'reason'],
  ['swarm-join', { blob: 'a'.repeat(63) }, 'blob'],
  ['swarm-join', { have: 'f' }, 'have'],
  ['swarm-join', { have: 'f'.repeat(MAX_CHUNKS / 4 + 2) }, 'have'],
  ['swarm-have', { have: 'FF' }, 'have'],
  ['swarm-have', { fromPeers: MAX_BLOB_BYTES + 1 }, 'fromPeers'],
  ['swarm-have', { fromPeers: -1 }, 'fromPeers'],
  ['swarm-lost', { why: 'ugly' }, 'why'],
  ['swarm-lost', { peer: 'x'.repeat(81) }, 'peer'],
];

describe('bounds of what a host says', () => {
  it.each(WRONG)('%s, case %$', (type, change, field) => {
    const text = JSON.stringify({ ...JSON.parse(GOLDEN_HOST_MESSAGES[type]), ...change });
    const parsed = parseJson<unknown>(text, hostMessageSchema);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'invalid-field', field } });
  });
});

describe('verdicts', () => {
  it.each(['agree', 'unchecked', 'disagree', 'inconclusive', 'too-late'])(
    '%s is read',
    (verdict) => {
      const text = GOLDEN_COORDINATOR_MESSAGES.settled.replace('"agree"', `"${verdict}"`);
      expect(text).toContain(verdict);
      expect(parseJson<unknown>(text, coordinatorMessageSchema).ok).toBe(true);
    },
  );

  it('others are not', () => {
    const text = GOLDEN_COORDINATOR_MESSAGES.settled.replace('"agree"', '"accepted"');
    expect(parseJson<unknown>(text, coordinatorMessageSchema).ok).toBe(false);
  });
});

describe('the signed texts', () => {
  it('of a commitment is pinned, and bound to version, origin, assignment, root and boundary', () => {
    const commit = { assignment: 'asg_1' as AssignmentId, root: 'aa' };
    const textOf = (...args: Parameters<typeof commitText>) =>
      new TextDecoder().decode(commitText(...args));
    expect(textOf('https://idlewave.example', commit)).toBe(
      'idlewave commit v7\nhttps://idlewave.example\nasg_1\naa\n\n\n',
    );
    const boundary = { inputs: 'bb', outputs: 'cc' };
    expect(textOf('https://idlewave.example', { ...commit, boundary })).toBe(
      'idlewave commit v7\nhttps://idlewave.example\nasg_1\naa\nbb\ncc\n',
    );
  });

  it('is pinned, and bound to version, origin, nonce and host', () => {
    const text = helloText('https://idlewave.example', 'n0', 'host_1');
    expect(new TextDecoder().decode(text)).toBe(
      'idlewave hello v7\nhttps://idlewave.example\nn0\nhost_1\n',
    );
  });
});
