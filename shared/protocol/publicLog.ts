/**
 * What the public log says, entry by entry: which shard settled with which output and who reported it, who was credited
 * what for it, and every other movement of credit (`shared/ledger.ts` says which accounts). One JSON object each, in
 * UTF-8; entries are never changed and never taken back.
 */
import { z } from 'zod';
import { ACCOUNT_PATTERN, type Account } from '../ledger.ts';
import { MAX_ERROR_CHARS, MAX_LOG_ENTRY_BYTES, MAX_RATE_PERCENT, MAX_SHARES } from '../limits.ts';
import { assert, fail, ok, type Result } from '../result.ts';
import { parseJson } from './parse.ts';
import { describeProblem } from './problem.ts';

const count = z.number().int().min(0);
const percent = (max: number) => z.number().int().min(0).max(max);
const id = z.string().min(1).max(200);
/** Decimal digits on the wire. */
const amount = z
  .string()
  .regex(/^\d{1,30}$/)
  .transform(BigInt);
const account = z
  .string()
  .regex(ACCOUNT_PATTERN)
  .transform((text) => text as Account);

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
    /** Items besides, computed to check others. */
    probes: count.optional(),
    /** All that the work earned; the job's escrow pays it but for what is `issued`. */
    microCredits: amount,
    /** What the escrow had not: the network pays for doubts that an author's price does not cover. */
    issued: amount.optional(),
    /** What of it goes to others, as the contributor chose. */
    shares: z
      .array(z.strictObject({ to: account, microCredits: amount }))
      .max(MAX_SHARES)
      .optional(),
    /** Whose product is the amount (`rewardOf`, shared/reward.ts); absent in entries of before. */
    factors: z
      .strictObject({
        work: amount,
        rate: percent(MAX_RATE_PERCENT),
        quality: percent(100),
        checks: amount.optional(),
        uptime: percent(100).optional(),
      })
      .optional(),
    atMs: count,
  }),
  /** The operator gives credit that was not there before. */
  z.strictObject({ type: z.literal('grant'), id, to: account, microCredits: amount, atMs: count }),
  /** Credit that a contributor had before it was logged. */
  z.strictObject({ type: z.literal('opening'), to: account, microCredits: amount, atMs: count }),
  /**
   * A job is posted: its price is put aside. With a rate, that was raised to it: what that adds. With a lot, items were
   * added to it, for the so-and-so-many-th time: their price.
   */
  z.strictObject({
    type: z.literal('escrow'),
    job: id,
    author: id,
    ratePercent: percent(MAX_RATE_PERCENT).optional(),
    lot: count.optional(),
    microCredits: amount,
    atMs: count,
  }),
  /** The job has ended: its author gets back what nobody earned. */
  z.strictObject({
    type: z.literal('refund'),
    job: id,
    author: id,
    microCredits: amount,
    atMs: count,
  }),
  z.strictObject({
    type: z.literal('transfer'),
    id,
    from: account,
    to: account,
    microCredits: amount,
    atMs: count,
  }),
]);
export type LogFact = z.infer<typeof logFactSchema>;

/** A time is in whole milliseconds. */
export function encodeFact(fact: LogFact): Uint8Array {
  const whole = { ...fact, atMs: Math.floor(fact.atMs) };
  const bytes = new TextEncoder().encode(JSON.stringify(whole, withDigits));
  assert(bytes.length <= MAX_LOG_ENTRY_BYTES, `encodeFact: ${bytes.length} bytes`);
  return bytes;
}

const withDigits = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

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
