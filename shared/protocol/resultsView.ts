/** What became of the results of a job that has ended, as its author sees it. */
import { z } from 'zod';

export const resultsViewSchema = z.discriminatedUnion('kind', [
  /** They can be fetched until then at least; null: until their author deletes them. */
  z.object({ kind: z.literal('kept'), untilMs: z.number().int().nullable() }),
  /** By the author, or because their time was over. The rest of the job stays. */
  z.object({
    kind: z.literal('deleted'),
    atMs: z.number().int(),
    why: z.enum(['author', 'time']),
  }),
]);
export type ResultsView = z.infer<typeof resultsViewSchema>;
