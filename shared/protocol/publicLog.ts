/**
 * What the public log says, entry by entry: which shard settled with which output and who reported it, and who was
 * credited what for it. One JSON object each, in UTF-8; entries are never changed and never taken back.
 */
import { z } from 'zod';
import { MAX_ERROR_CHARS, MAX_LOG_ENTRY_BYTES } from '../limits.ts';
import { assert, fail, ok, type Result } from '../result.ts';
import { parseJson } from './parse.ts';
import { describeProblem } from './problem.ts';

const count = z.number().int().min(0);
const id = z.string().min(1).max(200);

export const logFactSchema = z.discriminatedUnion('type', [
  /** A shard is settled: its output is final. */
  z.strictObject({
    type: z.literal('shard'),
    shard: id,
    job: id,
    items: count,
    /** SHA-256 of the accepted outputs, as a safetensors file. */
    output: id,
    /** What decided: agreeing hosts, the referee, or a check. */
    by: z.string(),
    /** Everybody whose report was judged. */
    reports: z.array(z.strictObject({ contributor: id, verdict: z.string() })),
    atMs: count,
  }),
  /** A contributor is credited for work on a shard, which has settled before. */
  z.strictObject({
    type: z.literal('credit'),
    contributor: id,
    shard: id,
    job: id,
    assignment: id,
    /** Of a model in stages: a right stage is paid though another made the shard be computed again. */
    stage: count.optional(),
    items: count,
    microCredits: z.string().regex(/^\d{1,30}$/),
    atMs: count,
  }),
]);
export type LogFact = z.infer<typeof logFactSchema>;

/** A time is in whole milliseconds. */
export function encodeFact(fact: LogFact): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...fact, atMs: Math.floor(fact.atMs) }));
  assert(bytes.length <= MAX_LOG_ENTRY_BYTES, `encodeFact: ${bytes.length} bytes`);
  return bytes;
}

export function decodeFact(bytes: Uint8Array): Result<LogFact, string> {
  const fact = parseJson(new TextDecoder().decode(bytes), logFactSchema);
  return fact.ok ? ok(fact.value) : fail(describeProblem(fact.error).slice(0, MAX_ERROR_CHARS));
}

/** `GET /v1/log`: where the log is, and whose signature is on it. */
export const logViewSchema = z.object({
  /** The log's name in its checkpoints. */
  origin: z.string(),
  /** `name+keyid+base64` (C2SP signed-note): keep it; it must never change. */
  verifierKey: z.string(),
  /** Below this path: `checkpoint` and `tile/…` (C2SP tlog-tiles). */
  path: z.string(),
});
export type LogView = z.infer<typeof logViewSchema>;

export const LOG_PATH = '/log';
