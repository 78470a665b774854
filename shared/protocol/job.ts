/**
 * What an author posts and reads over HTTP.
 */
import { z } from 'zod';
import type { JobId } from '../ids.ts';
import {
  MAX_ITEMS_PER_JOB,
  MAX_ITEMS_PER_SHARD,
  MAX_JOB_LIFETIME_MS,
  MAX_NAME_CHARS,
  MAX_RATE_PERCENT,
  MIN_JOB_LIFETIME_MS,
  MIN_RATE_PERCENT,
} from '../limits.ts';
import { peerStateSchema } from './peers.ts';
import {
  acceptanceSchema,
  askedProgramSchema,
  digestSchema,
  engineSchema,
  jobProgramSchema,
  tensorSpecSchema,
} from './program.ts';
import { resultsViewSchema } from './resultsView.ts';
import { AUTO, askedSchema, offerSchema, oddsSchema, verificationSchema } from './verification.ts';

export const microCreditsSchema = z
  .string()
  .regex(/^\d{1,30}$/, 'expected micro-credits as decimal digits');

const EXPECTED_RATE = `expected whole percents of the list price, ${MIN_RATE_PERCENT} to ${MAX_RATE_PERCENT}`;

const EXPECTED_LIFETIME = `expected whole milliseconds, ${MIN_JOB_LIFETIME_MS} to ${MAX_JOB_LIFETIME_MS}`;

const ratePercentSchema = z
  .number()
  .int(EXPECTED_RATE)
  .min(MIN_RATE_PERCENT, EXPECTED_RATE)
  .max(MAX_RATE_PERCENT, EXPECTED_RATE);

export const jobSpecSchema = z.strictObject({
  name: z.string().min(1).max(MAX_NAME_CHARS),
  program: askedProgramSchema,
  inputs: z
    .strictObject({
      /** safetensors blob; every tensor is `[N, ...itemShape]`. */
      stacked: digestSchema.optional(),
      /** safetensors blob of inputs that are the same for all items. */
      constant: digestSchema.optional(),
    })
    .default({}),
  /** N. Needed only where there is no stacked input; otherwise it must agree with it. */
  items: z.number().int().min(1).max(MAX_ITEMS_PER_JOB).optional(),
  /** Chosen from bytes and measured time where absent. */
  itemsPerShard: z.number().int().min(1).max(MAX_ITEMS_PER_SHARD).optional(),
  verification: askedSchema.default(AUTO),
  /** The program's own rule where absent: a kernel's manifest, or the ONNX default. */
  acceptance: acceptanceSchema.optional(),
  /** The most the author pays, in micro-credits; no bound where absent. */
  budget: microCreditsSchema.optional(),
  /** What the author offers for the work, in percent of the list price; that price where absent. */
  ratePercent: ratePercentSchema.optional(),
  /** So long after it was posted it ends with what is final then, as failed, and the rest is refunded; never where absent. */
  expiresAfterMs: z
    .number()
    .int(EXPECTED_LIFETIME)
    .min(MIN_JOB_LIFETIME_MS, EXPECTED_LIFETIME)
    .max(MAX_JOB_LIFETIME_MS, EXPECTED_LIFETIME)
    .optional(),
  /** It takes more items (`POST /v1/jobs/{id}/items`) and does not end before it is closed (`POST /v1/jobs/{id}/close`). */
  open: z.boolean().optional(),
});
export type JobSpec = z.infer<typeof jobSpecSchema>;
/** As an author writes it, before defaults. */
export type JobSpecInput = z.input<typeof jobSpecSchema>;

/** `PATCH /v1/jobs/{id}`: what an author may change of a job that runs. */
export const jobChangeSchema = z.strictObject({
  /** What is offered from now on, never less than before; what that adds to the price is put aside at once. */
  ratePercent: ratePercentSchema,
  /** The most that the whole job may cost then, in micro-credits; no bound where absent. */
  budget: microCreditsSchema.optional(),
});
export type JobChange = z.infer<typeof jobChangeSchema>;

/** How many items of a model one run takes, where that was measured. */
export const batchFactsSchema = z.object({
  itemsPerRun: z.number().int(),
  /** The sizes that were tried, on the coordinator's processor; none where only one was possible. */
  measured: z.array(z.object({ itemsPerRun: z.number().int(), msPerItem: z.number() })),
  /** Why this one, in plain words. */
  text: z.string(),
});

export type BatchFacts = z.infer<typeof batchFactsSchema>;

/** What the coordinator learned about a program by analysing it and running one item of the job. */
export const programFactsSchema = z.object({
  inputs: z.record(z.string(), tensorSpecSchema),
  outputs: z.record(z.string(), tensorSpecSchema),
  flopsPerItem: z.number(),
  /** Where the FLOP count comes from; `estimate`: parts of the graph could not be counted. */
  flopsFrom: z.enum(['manifest', 'graph', 'estimate', 'run']),
  /** Measured in the referee. */
  refereeMsPerItem: z.number(),
  programBytes: z.number().int(),
  /** Of a model whose first axis is free, where its author left it open. */
  batch: batchFactsSchema.optional(),
  /** Of a staged program, stage by stage. */
  stages: z
    .array(
      z.object({
        /** Of one item: what the stage sends on, or returns. */
        outputs: z.record(z.string(), tensorSpecSchema),
        flopsPerItem: z.number(),
        refereeMsPerItem: z.number(),
        programBytes: z.number().int(),
      }),
    )
    .optional(),
});

/** One thing a job waits for, in words for its author. */
export const waitingSchema = z.object({
  code: z.enum([
    'no-hosts',
    'needs-other-contributor',
    'needs-checks',
    'no-capable-host',
    'no-free-host',
    'excluded',
    'checking',
    'referee-busy',
    'paused',
    'held-open',
    'computing',
  ]),
  text: z.string(),
  shards: z.number().int(),
});
export type Waiting = z.infer<typeof waitingSchema>;

export const JOB_STATES = ['running', 'done', 'failed', 'cancelled'] as const;

/** The hosts that run the stages of a job's model now, in their order. */
export const routeViewSchema = z.object({
  stages: z.number().int(),
  /** Rises whenever a place changes hands. */
  epoch: z.number().int(),
  /** Shards under way. */
  inFlight: z.number().int(),
  places: z.array(
    z.object({
      contributor: z.string(),
      /** The stages `[first, last]`, from 0. */
      first: z.number().int(),
      last: z.number().int(),
      /** What its stages alone would give, by what it computed of late; null before it was measured. */
      itemsPerSecond: z.number().nullable(),
      /** How what it computes reaches the next place; null for the last. */
      next: peerStateSchema.nullable(),
    }),
  ),
  /** The same in one line, with what bounds the rate. */
  text: z.string(),
});
export type RouteView = z.infer<typeof routeViewSchema>;

export const jobViewSchema = z.object({
  id: z.string().transform((text) => text as JobId),
  name: z.string(),
  state: z.enum(JOB_STATES),
  /** Why it failed, where it did. */
  reason: z.string().optional(),
  program: jobProgramSchema,
  /** How it is checked; `asked` is what its author wanted, and `why` how one led to the other. */
  verification: verificationSchema,
  asked: askedSchema,
  why: z.string(),
  odds: oddsSchema,
  acceptance: acceptanceSchema,
  facts: programFactsSchema,
  items: z.object({
    total: z.number().int(),
    settled: z.number().int(),
    /** Accepted from a host that has not been checked enough: they may still be taken back. */
    provisional: z.number().int(),
    failed: z.number().int(),
  }),
  shards: z.object({
    total: z.number().int(),
    settled: z.number().int(),
    failed: z.number().int(),
    /** At most: the last shard of what was posted or added together has what is left, and added ones may be smaller. */
    itemsEach: z.number().int(),
  }),
  /** Item executions that were reported or refereed; the settled items are the useful part of them. */
  executions: z.object({
    byHosts: z.number().int(),
    byReferee: z.number().int(),
    /** Reports that were found to disagree with the canonical output. */
    disagreed: z.number().int(),
  }),
  /**
   * Executions beyond one for each accepted item (settled or provisional), as a share of those items: what
   * checking has cost. Reports whose shards are not accepted yet are left out; null before any is.
   */
  checkOverhead: z.number().nullable(),
  /** What was done, by whom it was checked and what that cost, in one line; absent while it runs. */
  summary: z.string().optional(),
  price: microCreditsSchema,
  /** What its author offers, in percent of the list price. */
  ratePercent: z.number().int(),
  granted: microCreditsSchema,
  waiting: z.array(waitingSchema),
  /** Since when its author lets it rest; null where it does not, or the job has ended. */
  pausedAtMs: z.number().int().nullable(),
  /** Of a staged job that runs, while it has one. */
  route: routeViewSchema.optional(),
  createdAtMs: z.number().int(),
  /** When it ends with what it has, where it has not ended before; null where never. */
  expiresAtMs: z.number().int().nullable(),
  /**
   * Until when items may be added; each addition moves it on, never beyond `expiresAtMs`. Null where none may. Before that
   * the job does not end by itself, though all its items are done.
   */
  openUntilMs: z.number().int().nullable(),
  endedAtMs: z.number().int().nullable(),
  /** Absent while it runs. */
  results: resultsViewSchema.optional(),
});
export type JobView = z.infer<typeof jobViewSchema>;

/** The route that a staged job would have if it were posted now. */
export const routePreviewSchema = z.object({
  stages: z.array(
    z.object({
      flopsPerItem: z.number(),
      programBytes: z.number().int(),
      /** Of one item, sent on to the next stage; null for the last. */
      sentBytes: z.number().int().nullable(),
      /** Hosts that are connected, have no place on another route and could run it. */
      hostsNow: z.number().int(),
    }),
  ),
  /** Null where those hosts cannot hold the whole model. */
  places: z
    .array(
      z.object({
        contributor: z.string(),
        /** The stages `[first, last]`, from 0. */
        first: z.number().int(),
        last: z.number().int(),
        /** By what the host computed of late; null before it was measured. */
        itemsPerSecond: z.number().nullable(),
      }),
    )
    .nullable(),
  /** Of the slowest place, as fast as the connections allow; null where that is not known. */
  itemsPerSecond: z.number().nullable(),
  /** Who could run it, what bounds the rate, or why it is not known. */
  text: z.string(),
});
export type RoutePreview = z.infer<typeof routePreviewSchema>;

/** What is connected, as far as a job is concerned. */
const hostsNowSchema = z.object({
  connected: z.number().int(),
  /** Could be given it now, those at rest included. */
  able: z.number().int(),
  /** Of them: paused, or busy on a route of another model. */
  resting: z.number().int(),
  /** Why the others could not, in plain words, the most frequent reason first. */
  refused: z.array(z.object({ code: z.string(), text: z.string(), hosts: z.number().int() })),
});

export const estimateSchema = z.object({
  items: z.number().int(),
  shards: z.number().int(),
  itemsPerShard: z.number().int(),
  price: microCreditsSchema,
  /** What is offered, in percent of the list price. */
  ratePercent: z.number().int(),
  facts: programFactsSchema,
  /** Connected contributors that could be given this job now. */
  contributorsNow: z.number().int(),
  enoughContributors: z.boolean(),
  /** The devices of those contributors, and of the others. */
  hosts: hostsNowSchema,
  /** From posting to the last result, if it were posted now and the hosts stayed; null where that is not known. */
  seconds: z.object({ low: z.number(), high: z.number() }).nullable(),
  /** What those rest on, or why they are not known. */
  secondsText: z.string(),
  /** The policy that the job would have, and how it came to that. */
  chosen: offerSchema,
  why: z.string(),
  /** Every other policy that could be used. */
  alternatives: z.array(offerSchema),
  /** What else an author should know of the checking. */
  notes: z.array(z.string()),
  /** Of a staged program. */
  route: routePreviewSchema.optional(),
});
export type Estimate = z.infer<typeof estimateSchema>;

/** Why one shard is where it is: who computed it, what was checked and found, and what may still be wrong. */
export const shardExplanationSchema = z.object({
  shard: z.string(),
  /** Its number in the job, from 0. */
  index: z.number().int(),
  state: z.string(),
  items: z.number().int(),
  reason: z.string(),
  assignments: z.array(
    z.object({
      id: z.string(),
      contributor: z.string(),
      host: z.string(),
      state: z.string(),
      engine: engineSchema.optional(),
      verdict: z.string().optional(),
      reason: z.string().optional(),
      /** The slower assignment beside which it computed at the end of the job. */
      copyOf: z.string().optional(),
      /** Items besides the shard's own that it was given to be compared. */
      probes: z.number().int(),
    }),
  ),
  /** What was checked, and what was found, in plain words. */
  checked: z.array(z.string()),
  cost: z.object({
    /** Executions of items that this shard took, those of probes and of its own referee's included. */
    executions: z.number().int(),
    /** Of its items, those that others or the referee computed after it was accepted: counted there. */
    sampledLater: z.number().int(),
    text: z.string(),
  }),
  remains: z.object({
    /** Probability that an item of it is wrong, at most, as far as that can be said. */
    wrongItems: z.number().nullable(),
    text: z.string(),
  }),
});
export type ShardExplanation = z.infer<typeof shardExplanationSchema>;

/** Of a job: what it waits for, and its shards. */
export const jobExplanationSchema = z.object({
  waiting: z.array(waitingSchema),
  /** Those that are open, and the last ones that ended; or the one that was asked for. */
  shards: z.array(shardExplanationSchema),
});
export type JobExplanation = z.infer<typeof jobExplanationSchema>;

/** A page of results holds, besides the outputs `[n, ...itemShape]`, this U32 `[n]` tensor: each row's item. */
export const ITEM_TENSOR = '__item__';
/** And this U32 `[m]` one: items of the page's range that could not be computed. */
export const FAILED_TENSOR = '__failed__';
/** Headers of a page of results. */
export const RESULTS_NEXT_HEADER = 'Idlewave-Next';
export const RESULTS_MORE_HEADER = 'Idlewave-More';

/** The network as anyone may see it. */
export const networkSchema = z.object({
  hosts: z.number().int(),
  contributors: z.number().int(),
  jobsRunning: z.number().int(),
  /** Verified items a second, over the last minute. */
  itemsPerSecond: z.number(),
});
export type NetworkView = z.infer<typeof networkSchema>;

/** A contributor as anyone may see it. */
export const contributorViewSchema = z.object({
  id: z.string(),
  /** What its person calls itself, if anything. */
  name: z.string().optional(),
  microCredits: z.string(),
  verifiedItems: z.number().int(),
  agreed: z.number().int(),
  disagreed: z.number().int(),
  errored: z.number().int(),
  expired: z.number().int(),
  firstSeenMs: z.number().int(),
});
export type ContributorView = z.infer<typeof contributorViewSchema>;

/** And what it has of its credit now, after shares and transfers. */
export const contributorBalanceSchema = contributorViewSchema.extend({ balance: z.string() });
export type ContributorBalance = z.infer<typeof contributorBalanceSchema>;

export const keyViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  prepaid: z.boolean(),
  /** What it has to spend. */
  microCredits: z.string(),
  createdAtMs: z.number().int(),
  revokedAtMs: z.number().int().nullable(),
});
export type KeyView = z.infer<typeof keyViewSchema>;
