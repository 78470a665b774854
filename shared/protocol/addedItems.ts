/** Items that an author adds to a job which is held open. */
import { z } from 'zod';
import { MAX_ITEMS_PER_JOB, MAX_ITEMS_PER_SHARD } from '../limits.ts';
import { jobViewSchema, microCreditsSchema } from './job.ts';
import { digestSchema } from './program.ts';

/** `POST /v1/jobs/{id}/items`: more of them for a job that is held open. */
export const addItemsSchema = z.strictObject({
  inputs: z
    .strictObject({
      /** safetensors blob: the tensors of the job's own stacked inputs, `[n, ...itemShape]` each. */
      stacked: digestSchema.optional(),
    })
    .default({}),
  /**
   * How many. Needed only where the job has no stacked inputs; otherwise it must agree with them. Of a job that is checked
   * by samples, four times its samples at least.
   */
  items: z.number().int().min(1).max(MAX_ITEMS_PER_JOB).optional(),
  /** At most the job's, which is taken where absent; a sampled job's lots are cut smaller then where sampling asks for it. */
  itemsPerShard: z.number().int().min(1).max(MAX_ITEMS_PER_SHARD).optional(),
  /** The most that the whole job may cost then, in micro-credits; no bound where absent. */
  budget: microCreditsSchema.optional(),
});
export type AddItems = z.infer<typeof addItemsSchema>;

/** What was added to a job, and the job with it. */
export const addedItemsSchema = z.object({
  /** Its items are `[firstItem, firstItem + items)` in the job's results. */
  firstItem: z.number().int(),
  items: z.number().int(),
  job: jobViewSchema,
});
export type AddedItems = z.infer<typeof addedItemsSchema>;
