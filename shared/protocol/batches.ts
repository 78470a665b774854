/**
 * Files and batches in the shape of OpenAI's Files and Batch API (platform.openai.com/docs/api-reference/batch), so that
 * its clients work with another address. What a batch asks is the Open Inference Protocol: one model, a request a line.
 */
import { z } from 'zod';
import { MAX_NAME_CHARS } from '../limits.ts';

/** `batch`: what a batch reads; `batch_output`: what one has written. */
export const FILE_PURPOSES = ['batch', 'batch_output'] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number];

/** Times are seconds since 1970. */
export const fileViewSchema = z.object({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.number().int(),
  created_at: z.number().int(),
  filename: z.string(),
  purpose: z.enum(FILE_PURPOSES),
  status: z.literal('processed'),
});
export type FileView = z.infer<typeof fileViewSchema>;

/** A page of any listing; `after` of the next one is `last_id`. */
export const listOf = <S extends z.ZodType>(row: S) =>
  z.object({
    object: z.literal('list'),
    data: z.array(row),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });

export const deletedFileSchema = z.object({
  id: z.string(),
  object: z.literal('file'),
  deleted: z.literal(true),
});

/** Whatever is asked for: a batch that has not ended then ends with what it has. */
export const COMPLETION_WINDOW = '24h';

export const INFER_URL =
  /^\/v2\/models\/([A-Za-z0-9_.-]{1,100})(\/versions\/([1-9]\d{0,8}))?\/infer$/;

export const createBatchSchema = z.object({
  input_file_id: z.string().min(1).max(MAX_NAME_CHARS),
  endpoint: z
    .string()
    .max(MAX_NAME_CHARS)
    .regex(INFER_URL, 'expected /v2/models/NAME/infer, or /v2/models/NAME/versions/VERSION/infer'),
  completion_window: z.literal(COMPLETION_WINDOW),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((it) => Object.keys(it).length <= 16, 'expected at most 16 entries')
    .nullish(),
});
export type CreateBatch = z.infer<typeof createBatchSchema>;

export const BATCH_STATES = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const;
export type BatchStatus = (typeof BATCH_STATES)[number];

/** Why a whole batch was refused: one line of its file, or all of it. */
export const batchErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  /** From 1; null where it is the whole file's. */
  line: z.number().int().nullable(),
});
export type BatchError = z.infer<typeof batchErrorSchema>;

const seconds = z.number().int().nullable();

export const batchViewSchema = z.object({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: z.string(),
  errors: z.object({ object: z.literal('list'), data: z.array(batchErrorSchema) }).nullable(),
  input_file_id: z.string(),
  completion_window: z.string(),
  status: z.enum(BATCH_STATES),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  created_at: z.number().int(),
  in_progress_at: seconds,
  expires_at: seconds,
  finalizing_at: seconds,
  completed_at: seconds,
  failed_at: seconds,
  expired_at: seconds,
  cancelling_at: seconds,
  cancelled_at: seconds,
  /** While it runs, `completed` is told by its share of settled items. */
  request_counts: z.object({
    total: z.number().int(),
    completed: z.number().int(),
    failed: z.number().int(),
  }),
  metadata: z.record(z.string(), z.string()).nullable(),
  /** The job that computes it: not OpenAI's. */
  job: z.string().nullable(),
});
export type BatchView = z.infer<typeof batchViewSchema>;
