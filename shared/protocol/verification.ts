/**
 * How a job's results are checked: what an author may ask for, what a job has, and what each costs and lets through.
 *
 * Policies are data. A job always has a concrete one; `auto` is a wish that is resolved when the job is planned.
 */
import { z } from 'zod';
import { MAX_QUORUM, MAX_SAMPLE_CHECKS, MAX_STAGES } from '../limits.ts';
import { unreachable } from '../result.ts';

/** Who may give a second opinion: see the policies. */
const secondOpinionSchema = z.enum(['contributors', 'referee']).default('contributors');

/**
 * Full replication: a shard needs `quorum` opinions that agree. With `secondOpinion: "referee"` the
 * coordinator's own recomputation is one of them where too few contributors are connected. A quorum of
 * 1 means that nothing is checked.
 */
export const quorumPolicySchema = z.strictObject({
  kind: z.literal('quorum'),
  quorum: z.number().int().min(1).max(MAX_QUORUM).default(2),
  secondOpinion: secondOpinionSchema,
});
export type QuorumPolicy = z.infer<typeof quorumPolicySchema>;

/**
 * One report settles a shard when the coordinator's own check finds every output right, whoever computed it. For
 * kernels that have such a check: their outputs are matrix products.
 */
const algebraicPolicySchema = z.strictObject({ kind: z.literal('algebraic') });

/** Clean checks of a contributor on a program before its results are final, unless an author asks for more. */
export const DEFAULT_SAMPLE_CHECKS = 1024;

/**
 * One host computes a shard; secret samples of its items are held against other hosts' and the referee's, and
 * the shard is final when its contributor has been checked enough: `checks` times in a row without a fault.
 * `referee` lets the referee check beyond its budget where other contributors are missing.
 */
const sampledPolicySchema = z.strictObject({
  kind: z.literal('sampled'),
  checks: z.number().int().min(DEFAULT_SAMPLE_CHECKS).max(MAX_SAMPLE_CHECKS).optional(),
  secondOpinion: secondOpinionSchema,
});

/** Clean checks of a contributor on one stage before what it computed of it is final. */
export const STAGE_CHECKS = 128;

/**
 * Of a staged program, the only one: every stage commits to what it received and to what it computed, of secretly
 * drawn items the referee recomputes single stages, and a result is final when each of its `stages` contributors
 * has passed `checks` in a row on its stage.
 */
const stagesPolicySchema = z.strictObject({
  kind: z.literal('stages'),
  stages: z.number().int().min(2).max(MAX_STAGES),
  checks: z.number().int().min(1).max(MAX_SAMPLE_CHECKS),
});

const ASKABLE = [quorumPolicySchema, algebraicPolicySchema, sampledPolicySchema] as const;

/** What a job has, and the core decides by. */
export const verificationSchema = z.discriminatedUnion('kind', [...ASKABLE, stagesPolicySchema]);
export type Verification = z.infer<typeof verificationSchema>;

/** Half of all computing in one hand: beyond that no comparison of volunteers says anything. */
export const MAX_LIARS = 0.5;

/**
 * What odds are told for unless an author says otherwise: one group does a twentieth of all the computing and
 * lies together. Of ordinary volunteer projects far fewer are known to have lied.
 */
export const DEFAULT_LIARS = 0.05;
/**
 * Wrong items that an author accepts unless it says otherwise, under that assumption: what two opinions of
 * every item give (0.0025), and room for it.
 */
export const DEFAULT_MOST_WRONG = 5e-3;

/** The cheapest policy that lets through at most `mostWrong` of the items if `liars` of the computing lies together. */
const autoPolicySchema = z.strictObject({
  kind: z.literal('auto'),
  mostWrong: z.number().positive().max(1).default(DEFAULT_MOST_WRONG),
  liars: z.number().min(0).max(MAX_LIARS).default(DEFAULT_LIARS),
  secondOpinion: secondOpinionSchema,
});

/** What an author may ask for. */
export const askedSchema = z.discriminatedUnion('kind', [autoPolicySchema, ...ASKABLE]);
export type Asked = z.infer<typeof askedSchema>;

export const AUTO: Asked = autoPolicySchema.parse({ kind: 'auto' });

/** What may still be wrong when everything is accepted: upper bounds, where `liars` of the computing lies together. */
export const oddsSchema = z.object({
  liars: z.number(),
  /** Share of the accepted items. */
  wrongItems: z.number(),
  /** Probability that the job has a wrong item at all. */
  anyWrong: z.number(),
  /** The same in plain words. */
  text: z.string(),
});
export type OddsView = z.infer<typeof oddsSchema>;

/** What a policy would do for one job. */
export const offerSchema = z.object({
  verification: verificationSchema,
  /** Checking as a share of the job's own computing, where nobody lies. */
  cost: z.object({
    /** With the volunteers that are connected now; with four that are new to the program where none is. */
    now: z.number(),
    /** With volunteers that have been checked enough on this program before. */
    steady: z.number(),
  }),
  odds: oddsSchema,
  price: z.string(),
  /** What is done, what it costs, and what may still be wrong, in plain words. */
  text: z.string(),
});
export type Offer = z.infer<typeof offerSchema>;

/** As an author writes it at the command line: `quorum=2`. */
export function policyName(policy: Asked | Verification): string {
  switch (policy.kind) {
    case 'quorum':
      return `quorum=${policy.quorum}`;
    case 'sampled':
      return policy.checks === undefined ? 'sampled' : `sampled=${policy.checks}`;
    case 'auto':
    case 'algebraic':
    case 'stages':
      return policy.kind;
    default:
      return unreachable(policy satisfies never);
  }
}
