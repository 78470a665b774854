/**
 * What a volunteer wants to compute: kinds of work, for whom, which jobs, and for how much at least.
 *
 * An author is named by the id of the API key that posted the job (`KeyId`): it is in the public log and in the list of
 * open jobs, stays the same for as long as the key lives, and opens nothing. Never the key itself, nor its name.
 */
import { z } from 'zod';
import { MAX_RATE_PERCENT, MAX_WISHED_IDS } from '../limits.ts';

export const WORK_KINDS = ['model', 'kernel'] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** As ids are elsewhere on the link. */
const wishedId = z.string().regex(/^[A-Za-z0-9_.-]{1,80}$/);

const wishedIds = z.array(wishedId).max(MAX_WISHED_IDS);

/** Never some; and only some, where there are any of these: a choice of some does not forget what is never wanted. */
const selectionSchema = z.strictObject({ not: wishedIds, only: wishedIds });
export type Selection = z.infer<typeof selectionSchema>;

export const wishesSchema = z.strictObject({
  kind: z.enum(['any', ...WORK_KINDS]),
  authors: selectionSchema,
  jobs: selectionSchema,
  /** Credit for work, in percent of the list price; 0: whatever is offered. */
  leastRatePercent: z.number().int().min(0).max(MAX_RATE_PERCENT),
});
export type Wishes = z.infer<typeof wishesSchema>;

export const ALL_WORK: Wishes = {
  kind: 'any',
  authors: { not: [], only: [] },
  jobs: { not: [], only: [] },
  leastRatePercent: 0,
};
