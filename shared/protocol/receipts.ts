/**
 * What anybody may read of finished work: what a contributor was credited for and what it was not, each with its
 * reason, and the shard behind it. Nothing of it says which items were probes, or anything of a shard that is not final.
 */
import { z } from 'zod';

const count = z.number().int();

export const creditViewSchema = z.object({
  kind: z.literal('credited'),
  job: z.string(),
  shard: z.string(),
  /** Of a model in stages: which of them. */
  stage: count.optional(),
  assignment: z.string(),
  items: count,
  /** Items besides, computed to check others. */
  probes: count.optional(),
  microCredits: z.string(),
  /** What of it the network pays: for the probes, and what the author's price did not cover. */
  issued: z.string().optional(),
  /** What of it went to others, as the contributor chose. */
  shares: z.array(z.object({ to: z.string(), microCredits: z.string() })).optional(),
  /** Whose product is the amount, with amounts as digits (`rewardOf`, shared/reward.ts); absent in older credits. */
  factors: z
    .object({
      work: z.string(),
      rate: count,
      quality: count,
      checks: z.string().optional(),
      uptime: count.optional(),
    })
    .optional(),
  reason: z.string(),
  atMs: count,
  /** Its number in the public log; absent where it was given before there was one. */
  logIndex: count.optional(),
});
export type CreditView = z.infer<typeof creditViewSchema>;

/** Work that ended through its own host, and earned nothing. */
const refusalViewSchema = z.object({
  kind: z.literal('refused'),
  job: z.string(),
  shard: z.string(),
  stage: count.optional(),
  assignment: z.string(),
  items: count,
  /**
   * A verdict (`disagree`, `inconclusive`, `too-late`), `lease-expired`, `opened-not-reported`, or the code of a
   * malformed report or of an error of the host's.
   */
  code: z.string(),
  reason: z.string(),
  atMs: count,
});

/** A line of `GET /v1/contributors/{id}/credits`. */
export const receiptSchema = z.discriminatedUnion('kind', [creditViewSchema, refusalViewSchema]);
export type Receipt = z.infer<typeof receiptSchema>;

export const RECEIPT_KINDS = ['credited', 'refused'] as const;
export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/** `GET /v1/shards/{id}`. */
export const shardViewSchema = z.object({
  id: z.string(),
  job: z.string(),
  /** As every volunteer that computes for it is told. */
  jobName: z.string(),
  items: count,
  /** `open` until its result is final; nothing else is said before. */
  state: z.enum(['open', 'settled', 'failed']),
  /** Why it failed. */
  reason: z.string().optional(),
  /** What decided it: agreeing hosts, the referee, or a check. */
  by: z.enum(['quorum', 'referee', 'check']).optional(),
  /** SHA-256 of the accepted outputs, as a safetensors file. */
  output: z.string().optional(),
  atMs: count.optional(),
  /** What was checked, and what was found, in plain words. */
  checked: z.array(z.string()),
  /** Its number in the public log; absent where it settled before that was kept. */
  logIndex: count.optional(),
  /** Every report that was judged. */
  reports: z.array(
    z.object({
      contributor: z.string(),
      assignment: z.string(),
      stage: count.optional(),
      verdict: z.string(),
      reason: z.string(),
      microCredits: z.string(),
      /** Of its credit, in the public log. */
      logIndex: count.optional(),
    }),
  ),
});
export type ShardView = z.infer<typeof shardViewSchema>;
