/**
 * Models that authors publish under a name, and what is asked of them: the Open Inference Protocol, version 2
 * (github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md), with the extension for binary
 * tensors (docs/protocol/extension_binary_data.md of github.com/triton-inference-server/server).
 */
import { z } from 'zod';
import { MAX_NAME_CHARS, MAX_TENSORS_PER_FILE, MAX_TENSOR_RANK } from '../limits.ts';
import type { Dtype } from '../tensor.ts';
import { jobSpecSchema } from './job.ts';
import { jobProgramSchema } from './program.ts';

/** Of a path: no character of it is anything else there. */
export const modelNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_.-]{1,100}$/,
    'expected 1 to 100 letters, digits, dots, dashes and underscores',
  );

/**
 * What is published: a job without its items. Each request becomes such a job of the caller's, with its own stacked
 * inputs; those given here are an example of at least one item, on which the program is tried.
 */
export const modelTemplateSchema = jobSpecSchema
  .omit({ name: true, items: true, budget: true, expiresAfterMs: true, open: true })
  // Requests are of an item or two: runs of one, unless its author says otherwise.
  .extend({ program: jobProgramSchema });
export type ModelTemplate = z.infer<typeof modelTemplateSchema>;

/** By the protocol's names, as our dtypes. */
export const DATATYPES = {
  BOOL: 'BOOL',
  UINT8: 'U8',
  UINT32: 'U32',
  INT8: 'I8',
  INT32: 'I32',
  INT64: 'I64',
  FP16: 'F16',
  FP32: 'F32',
  FP64: 'F64',
} as const satisfies Record<string, Dtype>;
export type Datatype = keyof typeof DATATYPES;
export const DATATYPE_NAMES = Object.keys(DATATYPES) as [Datatype, ...Datatype[]];

export const datatypeOf = (dtype: Dtype): Datatype =>
  DATATYPE_NAMES.find((name) => DATATYPES[name] === dtype)!;

/** A tensor of a model; -1 stands for the number of items. */
export const tensorMetadataSchema = z.object({
  name: z.string(),
  datatype: z.enum(DATATYPE_NAMES),
  shape: z.array(z.number().int()),
});
export type TensorMetadata = z.infer<typeof tensorMetadataSchema>;

/** One published version of a model. */
export const modelVersionSchema = z.object({
  version: z.string(),
  program: jobProgramSchema,
  inputs: z.array(tensorMetadataSchema),
  outputs: z.array(tensorMetadataSchema),
  publishedAtMs: z.number().int(),
});

export const publishedModelSchema = z.object({
  name: z.string(),
  /** Whether the key that asks has published it. */
  own: z.boolean(),
  /** Newest last: that is what a request without a version gets. */
  versions: z.array(modelVersionSchema),
});
export type PublishedModelView = z.infer<typeof publishedModelSchema>;

export const serverMetadataSchema = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});

export const modelMetadataSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorMetadataSchema),
  outputs: z.array(tensorMetadataSchema),
});
export type ModelMetadata = z.infer<typeof modelMetadataSchema>;

/** Every refusal under `/v2`. */
export const inferenceErrorSchema = z.object({ error: z.string() });

const parametersSchema = z.record(z.string(), z.json()).meta({
  type: 'object',
  additionalProperties: true,
});

const requestInputSchema = z.object({
  name: z.string().min(1).max(MAX_NAME_CHARS),
  shape: z.array(z.number().int().min(0)).max(MAX_TENSOR_RANK),
  datatype: z.enum(DATATYPE_NAMES),
  /** `binary_data_size`: its bytes follow the JSON. */
  parameters: parametersSchema.optional(),
  /** Row-major numbers, flat or nested as the shape is; absent where its bytes follow. Read by who knows its dtype. */
  data: z.array(z.unknown()).optional(),
});
export type RequestInput = z.infer<typeof requestInputSchema>;

const requestOutputSchema = z.object({
  name: z.string().min(1).max(MAX_NAME_CHARS),
  /** `binary_data`: to be sent as bytes behind the JSON. */
  parameters: parametersSchema.optional(),
});

/** Fields that are not the protocol's, which clients add, are passed over. */
export const inferenceRequestSchema = z.object({
  id: z.string().max(MAX_NAME_CHARS).optional(),
  /** `binary_data_output`: all outputs as bytes; `timeout`: the most that is waited for, in microseconds. */
  parameters: parametersSchema.optional(),
  inputs: z.array(requestInputSchema).min(1).max(MAX_TENSORS_PER_FILE),
  outputs: z.array(requestOutputSchema).min(1).max(MAX_TENSORS_PER_FILE).optional(),
});
export type InferenceRequest = z.infer<typeof inferenceRequestSchema>;

export const inferenceResponseSchema = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.number().int()),
      datatype: z.enum(DATATYPE_NAMES),
      parameters: parametersSchema.optional(),
      data: z.array(z.union([z.number(), z.boolean()])).optional(),
    }),
  ),
});

/** Length of the JSON at the beginning of a body; bytes of tensors follow it. */
export const INFERENCE_HEADER_LENGTH = 'Inference-Header-Content-Length';
/** The job that a request became. */
export const INFERENCE_JOB_HEADER = 'Idlewave-Job';
