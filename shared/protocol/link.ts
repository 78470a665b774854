/**
 * Every message between a host and the coordinator: one definition, imported by both ends.
 *
 * A message is a JSON object tagged by `type`. `report` and `assign` carry tensors and travel as binary
 * frames (`shared/frame.ts`); all others are text. Ids make every message harmless when sent twice.
 */
import { z } from 'zod';
import type { AssignmentId, ContributorId, HostId, JobId, KeyId, PeerId, RouteId } from '../ids.ts';
import {
  MAX_ERROR_CHARS,
  MAX_ICE_SERVERS,
  MAX_ITEMS_PER_SHARD,
  MAX_LEASES_PER_HOST,
  MAX_NAME_CHARS,
  MAX_OPENED_STAGE_ROWS,
  MAX_OPENINGS_PER_REPORT,
  MAX_ORIGIN_CHARS,
  MAX_PATH_HASHES,
  MAX_RATE_PERCENT,
  MAX_SEQUENCE,
  MAX_STAGES,
} from '../limits.ts';
import { regionSchema } from '../region.ts';
import { iceServerSchema, peerStateSchema } from './peers.ts';
import { problemSchema } from './problem.ts';
import { swarmEndedSchema, swarmHostMessages, swarmPlaceSchema } from './swarm.ts';
import { wishesSchema } from './wishes.ts';
import {
  acceptanceSchema,
  digestSchema,
  engineSchema,
  programSchema,
  tensorSpecSchema,
} from './program.ts';

/** Raised when a message changes incompatibly. Both ends say it in their first message. */
export const LINK_VERSION = 7;
export const LINK_PATH = '/v1/link';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const idText = <T extends string>() =>
  z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,80}$/)
    .transform((text) => text as T);
const assignmentId = idText<AssignmentId>();
const assignmentIds = z
  .array(assignmentId)
  .min(1)
  .max(MAX_LEASES_PER_HOST * 4);

/** What a host can compute with; told at hello, never trusted for credit. */
export const capabilitiesSchema = z.strictObject({
  engines: z.array(engineSchema).max(3),
  /** For people: `swiftshader (software)`, `apple m4`. */
  adapter: z.string().max(MAX_NAME_CHARS),
  /** Bytes this host is willing to use for one program and its items. */
  memoryBytes: z.number().int().min(0),
  /** Ways in which it exchanges tensors with other hosts; none where it does not. */
  peers: z
    .array(z.enum(['webrtc', 'relay']))
    .max(2)
    .optional(),
  /** Where its volunteer is, if it wants that known; for the figures of the network alone. */
  region: regionSchema.optional(),
});
export type Capabilities = z.infer<typeof capabilitiesSchema>;

export const helloSchema = z.strictObject({
  type: z.literal('hello'),
  version: z.number().int(),
  publicKey: hex(32),
  host: idText<HostId>(),
  /** What it is signed for: the coordinator's origin as the host sees it, and the challenge that it answers. */
  origin: z.string().max(MAX_ORIGIN_CHARS),
  nonce: hex(32),
  /** Ed25519 over `helloText(...)`. */
  signature: hex(64),
  capabilities: capabilitiesSchema,
  /** Software and version, for operators. */
  agent: z.string().max(MAX_NAME_CHARS),
  /** Through which site it computes: what its contributor agreed to share with that site goes there, and nothing else. */
  site: z.string().max(MAX_NAME_CHARS).optional(),
});

/** The host's messages. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  helloSchema,
  /**
   * How many assignments the host would hold at once, until it says otherwise: the coordinator hands out
   * the next as soon as one is committed. 0 while paused.
   */
  z.strictObject({
    type: z.literal('want'),
    count: z.number().int().min(0).max(MAX_LEASES_PER_HOST),
  }),
  /**
   * What its volunteer wants to compute, said after the welcome and whenever it changes: it holds from the next
   * assignment on, and until it is said again. Of a link that says none, everything.
   */
  z.strictObject({ type: z.literal('wishes'), wishes: wishesSchema }),
  /**
   * The host is about to stop, and would lose nothing by it: it finishes what it holds and what is under way on its
   * routes, and nothing that begins anew is given to it. Its places then go to others, which `route-ended` says;
   * after `HAND_OVER_DEADLINE_MS` they do so anyway. A later `want` takes it back.
   */
  z.strictObject({ type: z.literal('hand-over') }),
  /** Renews the lease. `itemsDone` never falls. */
  z.strictObject({
    type: z.literal('progress'),
    assignment: assignmentId,
    itemsDone: z.number().int().min(0).max(MAX_ITEMS_PER_SHARD),
  }),
  /**
   * The outputs are ready: what they are can no longer be changed. Answered by `open`, and by the same one when
   * it is sent again; another root for the same assignment is refused.
   */
  z.strictObject({
    type: z.literal('commit'),
    assignment: assignmentId,
    /** `commitmentOf` (shared/commitment.ts) over the per-item chunks of `itemChunks` (shared/program.ts). */
    root: hex(32),
    /**
     * Of a stage: the plain Merkle roots of the rows that it received and of those that it sends on, which must be
     * its neighbours' too.
     */
    boundary: z.strictObject({ inputs: hex(32), outputs: hex(32) }).optional(),
    /** Ed25519 over `commitText(...)`, by the link's key: the outputs of the report are bound to it through the root. */
    signature: hex(64),
  }),
  /**
   * Of a stage other than the last, the tensors are only the rows that `open` asks for (`stageOpening`,
   * shared/stage.ts), and the openings those of its inputs and outputs. Otherwise, with tensors: every output, stacked `[items, ...]` in the assignment's item order. Answers `open`.
   */
  z.strictObject({
    type: z.literal('report'),
    assignment: assignmentId,
    challenge: hex(32),
    /**
     * `openingsOf` (shared/commitment.ts). Bounded only: what is missing, too much or malformed in it counts
     * as a failed opening, and must get so far.
     */
    openings: z
      .array(z.array(z.string().max(64)).max(MAX_PATH_HASHES))
      .max(MAX_OPENINGS_PER_REPORT),
    engine: engineSchema,
    computeMs: z.number().min(0).max(1e9),
  }),
  z.strictObject({
    type: z.literal('compute-error'),
    assignment: assignmentId,
    code: z.string().max(64),
    message: z.string().max(MAX_ERROR_CHARS),
  }),
  /** The leases go back at once; nobody is blamed. */
  z.strictObject({
    type: z.literal('return'),
    assignments: assignmentIds,
    reason: z.enum(['paused', 'closing', 'not-capable']),
  }),
  /**
   * The host goes away: whatever it holds goes back, also what is still on its way to it, and it is given
   * nothing more over this link.
   */
  z.strictObject({ type: z.literal('leave'), reason: z.enum(['closing', 'frozen']) }),
  /** How the host is connected to its neighbours on a route; null where it has none on that side. */
  z.strictObject({
    type: z.literal('route-state'),
    route: idText<RouteId>(),
    epoch: z.number().int().min(0),
    from: peerStateSchema.nullable(),
    to: peerStateSchema.nullable(),
  }),
  ...swarmHostMessages,
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;
export type ReportMessage = Extract<HostMessage, { type: 'report' }>;
export type CommitMessage = Extract<HostMessage, { type: 'commit' }>;

/** An assignment that is one stage of a model: beyond the first, its inputs come from the stage before. */
const stageOfAssignmentSchema = z.strictObject({
  route: idText<RouteId>(),
  index: z.number().int().min(0).max(MAX_STAGES),
  of: z.number().int().min(2).max(MAX_STAGES),
  /** Which items these are, for all hosts of the route: it rises with every shard that is begun, or begun anew. */
  sequence: z.number().int().min(0).max(MAX_SEQUENCE),
  /** Of one item, by the names that the stage before gives its outputs. */
  inputs: z.record(z.string(), tensorSpecSchema),
});
export type StageOfAssignment = z.infer<typeof stageOfAssignmentSchema>;

/** What a host must know to compute one assignment. Its stacked inputs come in the same frame. */
export const assignSchema = z.strictObject({
  type: z.literal('assign'),
  assignment: assignmentId,
  job: idText<JobId>(),
  jobName: z.string(),
  /** Whom it is for: the id of the key that posted it. */
  author: idText<KeyId>(),
  /** What the author offers, in percent of the list price. */
  ratePercent: z.number().int().min(1).max(MAX_RATE_PERCENT),
  program: programSchema,
  /** Item indices, in this assignment's own secret order. Row i of every stacked tensor is items[i]. */
  items: z.array(z.number().int().min(0)).min(1).max(MAX_ITEMS_PER_SHARD),
  /** Blob of the inputs that are the same for all items, if the job has any. */
  constants: digestSchema.nullable(),
  /** Per stacked input, the dims of one run (see `onnxRunner`); empty for kernels. */
  feeds: z.record(z.string(), z.array(z.number().int().min(0))),
  /** Shape of one item of each output; the report stacks them. */
  outputs: z.record(z.string(), tensorSpecSchema),
  nonFinite: acceptanceSchema.options[0].shape.nonFinite,
  flopsPerItem: z.number().min(0),
  /** The lease ends this long after the message, unless progress renews it. */
  leaseMs: z.number().int().positive(),
  stage: stageOfAssignmentSchema.optional(),
});
export type AssignMessage = z.infer<typeof assignSchema>;

/** A program that the host may be given work on: it loads it while it has the time. Nothing is owed for it. */
export const prepareSchema = assignSchema
  .pick({
    jobName: true,
    program: true,
    constants: true,
    feeds: true,
    outputs: true,
    flopsPerItem: true,
  })
  .extend({ type: z.literal('prepare') });
export type PrepareMessage = z.infer<typeof prepareSchema>;

/** `unchecked`: accepted without anybody else's opinion, as the job asks for one report only. */
export const verdictSchema = z.enum(['agree', 'unchecked', 'disagree', 'inconclusive', 'too-late']);
export type Verdict = z.infer<typeof verdictSchema>;

/**
 * A host's place on a route: which stages of the model it runs, and who its neighbours are. Sent anew with a higher
 * epoch to all of a route whenever one of them changed; then whoever has activations that nobody acknowledged
 * sends them again, and drops frames of older epochs.
 */
export const routePlaceSchema = z.strictObject({
  type: z.literal('route'),
  route: idText<RouteId>(),
  jobName: z.string(),
  epoch: z.number().int().min(0),
  /** The stages `[first, last]` of `of` that this host runs. */
  first: z.number().int().min(0).max(MAX_STAGES),
  last: z.number().int().min(0).max(MAX_STAGES),
  of: z.number().int().min(2).max(MAX_STAGES),
  /** What it is known by on the signalling server and the relay; `token` is its secret. */
  self: z.strictObject({ peer: idText<PeerId>(), token: z.string().max(128) }),
  iceServers: z.array(iceServerSchema).max(MAX_ICE_SERVERS),
  /** Who runs the stage before, and the stage after; null at the ends. The former calls the latter. */
  from: idText<PeerId>().nullable(),
  to: idText<PeerId>().nullable(),
});
export type RoutePlace = z.infer<typeof routePlaceSchema>;

const microCreditsText = z.string().regex(/^-?\d{1,30}$/);

/** The coordinator's messages. */
export const coordinatorMessageSchema = z.discriminatedUnion('type', [
  /** First of all. `nonce` is single-use and belongs to this link. */
  z.strictObject({ type: z.literal('challenge'), version: z.number().int(), nonce: hex(32) }),
  z.strictObject({
    type: z.literal('welcome'),
    contributor: idText<ContributorId>(),
    host: idText<HostId>(),
    /** Credit so far, in micro-credits. */
    microCredits: microCreditsText,
    /** Capability for POST /v1/links/{token}/bye, for a page that is being closed. */
    byeToken: z.string().max(64),
    /** Leases of this host that are still alive: it may go on with them, or return them. */
    leases: z.array(assignmentId),
    /** Why the site that it named is not counted. */
    siteProblem: problemSchema.optional(),
  }),
  assignSchema,
  /** The commitment is durable. An assignment that ends now without a report counts against its contributor. */
  z.strictObject({
    type: z.literal('open'),
    assignment: assignmentId,
    challenge: hex(32),
    /** Of a stage: the rows whose inputs and outputs are to be shown. */
    rows: z.array(z.number().int().min(0)).max(MAX_OPENED_STAGE_ROWS).optional(),
  }),
  /** The report is durable: the host may forget it. */
  z.strictObject({ type: z.literal('received'), assignment: assignmentId }),
  /** The shard settled: what became of this host's report. */
  z.strictObject({
    type: z.literal('settled'),
    assignment: assignmentId,
    verdict: verdictSchema,
    microCredits: microCreditsText,
    items: z.number().int(),
    reason: z.string(),
  }),
  /** These assignments are no longer wanted. */
  z.strictObject({
    type: z.literal('revoke'),
    assignments: z.array(assignmentId),
    reason: z.enum(['job-ended', 'lease-expired', 'overtaken', 'settled-without-you', 'withdrawn']),
  }),
  prepareSchema,
  routePlaceSchema,
  /** The host has no place on this route any more: it forgets what it holds of it. */
  z.strictObject({ type: z.literal('route-ended'), route: idText<RouteId>() }),
  swarmPlaceSchema,
  swarmEndedSchema,
  /** Nothing to assign now, and why; work that comes is pushed. */
  z.strictObject({
    type: z.literal('waiting'),
    code: z.enum([
      'no-jobs',
      'no-capable-program',
      'needs-other-contributor',
      'cooling-down',
      'not-trusted',
      'newcomers-wait',
      'quarantined-for-aborts',
      'class-quarantined',
      'not-wished',
    ]),
    text: z.string(),
  }),
  /**
   * A message was refused, or an assignment could not be sent. `assignment` says which work it is about, if any:
   * it is no longer the host's.
   */
  z.strictObject({
    type: z.literal('refused'),
    problem: problemSchema,
    assignment: assignmentId.optional(),
  }),
]);
export type CoordinatorMessage = z.infer<typeof coordinatorMessageSchema>;

/**
 * The text a host signs to prove its key: bound to this protocol, this coordinator's origin, this
 * link's single-use nonce and the host id, so that it can be replayed nowhere.
 */
export const helloText = (origin: string, nonce: string, host: string): Uint8Array =>
  new TextEncoder().encode(`idlewave hello v${LINK_VERSION}\n${origin}\n${nonce}\n${host}\n`);

/**
 * The text a host signs with each commitment: whose outputs these are can be shown to anybody, whatever link they
 * came over. Bound to the coordinator's origin and to the assignment, which is of one contributor.
 */
export const commitText = (
  origin: string,
  { assignment, root, boundary }: Omit<CommitMessage, 'type' | 'signature'>,
): Uint8Array =>
  new TextEncoder().encode(
    `idlewave commit v${LINK_VERSION}\n${origin}\n${assignment}\n${root}\n` +
      `${boundary?.inputs ?? ''}\n${boundary?.outputs ?? ''}\n`,
  );
