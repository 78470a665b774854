/** The jobs that volunteers may work on now, as anybody may see them: `GET /v1/network/jobs`. */
import { z } from 'zod';
import { regionSchema } from '../region.ts';

export const openJobSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** The id of the key that posted it: what a volunteer names the author by (`protocol/wishes.ts`). */
  author: z.string(),
  program: z.object({
    kind: z.enum(['kernel', 'onnx', 'wgsl', 'staged']),
    /** `matmul@1`; the first characters of a model's SHA-256; how many stages it has. */
    name: z.string(),
    /** What a volunteer downloads for it. */
    bytes: z.number().int(),
    /** What a device must offer to be given some of it; of several stages, the smallest. */
    memoryBytes: z.number(),
  }),
  items: z.object({
    total: z.number().int(),
    settled: z.number().int(),
    provisional: z.number().int(),
  }),
  /** How it is checked. */
  verification: z.enum(['quorum', 'sampled', 'algebraic', 'stages']),
  /** Reports that were found wrong. */
  disagreed: z.number().int(),
  /** Floating-point operations of one item. */
  flopsPerItem: z.number(),
  /** What the author offers, in percent of the list price. */
  ratePercent: z.number().int(),
  /** Its author lets it rest: nothing more of it is handed out for now. */
  paused: z.boolean().default(false),
  createdAtMs: z.number().int(),
});
export type OpenJob = z.infer<typeof openJobSchema>;

export const openJobsSchema = z.object({
  /** The newest first. */
  jobs: z.array(openJobSchema),
  /** Jobs that are open besides. */
  more: z.number().int(),
  /** What the connected hosts compute with, by their own word; the most frequent first. */
  hosts: z.array(z.object({ device: z.string(), count: z.number().int() })),
  /** Where those of them are that say it; the most frequent first. Of a coordinator from before there were any, none. */
  regions: z.array(z.object({ region: regionSchema, count: z.number().int() })).default([]),
  /** Executions beyond one for each accepted item of these jobs, as a share of those items; null before any is accepted. */
  checkOverhead: z.number().nullable(),
});
export type OpenJobs = z.infer<typeof openJobsSchema>;
