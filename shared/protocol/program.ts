/**
 * What is computed, and by which rule two results of it agree: the parts of a job that a host also sees.
 */
import { z } from 'zod';
import { isDigest } from '../digest.ts';
import type { BlobDigest } from '../ids.ts';
import {
  MAX_ITEMS_PER_SHARD,
  MAX_PARAMS_CHARS,
  MAX_STAGES,
  MAX_TENSOR_NAME_CHARS,
  MAX_WGSL_BINDINGS,
  MAX_WORKGROUPS_PER_ITEM,
} from '../limits.ts';
import { assert } from '../result.ts';
import { DTYPES } from '../tensor.ts';

export const digestSchema = z
  .string()
  .refine(isDigest, 'expected a SHA-256 digest of 64 lower-case hex digits')
  .meta({ type: 'string', pattern: '^[0-9a-f]{64}$' });

const tensorNameSchema = z.string().min(1).max(MAX_TENSOR_NAME_CHARS);

export const tensorSpecSchema = z.object({
  dtype: z.enum(DTYPES),
  dims: z.array(z.number().int().min(0)),
});

const itemsPerRunSchema = z.number().int().min(1).max(MAX_ITEMS_PER_SHARD);

/** An ONNX model, run `itemsPerRun` items at a time (the batch shape is part of what is verified). */
export const onnxProgramSchema = z.strictObject({
  kind: z.literal('onnx'),
  model: digestSchema,
  /** Outputs to return; all of the model's outputs where absent. */
  outputs: z.array(tensorNameSchema).min(1).max(64).optional(),
  itemsPerRun: itemsPerRunSchema.default(1),
});

/** A catalogue kernel with its parameters; an item is one block index. */
export const kernelProgramSchema = z.strictObject({
  kind: z.literal('kernel'),
  /** `name@version`, as in the catalogue. */
  kernel: z.string().max(64),
  params: z
    .record(z.string().max(64), z.json())
    .refine((params) => JSON.stringify(params).length <= MAX_PARAMS_CHARS, 'parameters too large')
    // Said here for the API's description, which cannot follow the recursion of any JSON.
    .meta({ type: 'object', additionalProperties: true })
    .default({}),
});

/** A storage buffer of an author's module: where it is bound, and what it holds for one item. */
const bufferSchema = z.strictObject({
  /** Of group 0; 0 itself is the host's. */
  binding: z.number().int().min(1).max(MAX_WGSL_BINDINGS),
  dtype: z.enum(['F32', 'I32', 'U32']),
  dims: z.array(z.number().int().min(1)).max(8),
});
const entryPointSchema = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/);

/**
 * An author's own WGSL module. Its entry point runs `workgroupsPerItem` workgroups for every item: along x, and z is the
 * item's row in the buffers of the run. An input is an array of all items' rows, or the same for all where it is constant.
 */
export const wgslProgramSchema = z.strictObject({
  kind: z.literal('wgsl'),
  /** Of the module's text, in UTF-8. */
  module: digestSchema,
  entryPoint: entryPointSchema.default('main'),
  workgroupsPerItem: z.number().int().min(1).max(MAX_WORKGROUPS_PER_ITEM).default(1),
  inputs: z.record(tensorNameSchema, bufferSchema).default({}),
  outputs: z.record(tensorNameSchema, bufferSchema),
});

/** What one host computes by itself. */
export const programSchema = z.discriminatedUnion('kind', [
  onnxProgramSchema,
  kernelProgramSchema,
  wgslProgramSchema,
]);
export type Program = z.infer<typeof programSchema>;
export type OnnxProgram = z.infer<typeof onnxProgramSchema>;
export type KernelProgram = z.infer<typeof kernelProgramSchema>;
export type WgslProgram = z.infer<typeof wgslProgramSchema>;

/** What a host has to download to run it; null where it has it already. */
export function blobOf(program: Program): BlobDigest | null {
  switch (program.kind) {
    case 'onnx':
      return program.model;
    case 'wgsl':
      return program.module;
    case 'kernel':
      return null;
    default:
      return program satisfies never;
  }
}

/**
 * One ONNX model cut into stages (`idlewave split`): the outputs of each are the inputs of the next, by their
 * names. The hosts of a route run one each, or several in a row.
 */
export const stagedProgramSchema = z.strictObject({
  kind: z.literal('staged'),
  stages: z.array(digestSchema).min(2).max(MAX_STAGES),
  itemsPerRun: itemsPerRunSchema.default(1),
});
export type StagedProgram = z.infer<typeof stagedProgramSchema>;

/** What a job computes: something that one host does, or that a route of hosts does. */
export const jobProgramSchema = z.discriminatedUnion('kind', [
  onnxProgramSchema,
  kernelProgramSchema,
  wgslProgramSchema,
  stagedProgramSchema,
]);
export type JobProgram = z.infer<typeof jobProgramSchema>;

/** The same as its author posts it: how many items a run of a model takes may be left to measurement. */
export const askedProgramSchema = z.discriminatedUnion('kind', [
  onnxProgramSchema.extend({ itemsPerRun: itemsPerRunSchema.optional() }),
  kernelProgramSchema,
  wgslProgramSchema,
  stagedProgramSchema,
]);
export type AskedProgram = z.infer<typeof askedProgramSchema>;

/** `itemsPerRun`: what was measured, where the author leaves it open. */
export const programAsked = (program: AskedProgram, itemsPerRun = 1): JobProgram =>
  program.kind === 'onnx' && program.itemsPerRun === undefined
    ? { ...program, itemsPerRun }
    : (program as JobProgram);

/** What the host of one stage runs. */
export function programOfStage({ stages, itemsPerRun }: StagedProgram, stage: number): OnnxProgram {
  const model = stages[stage];
  assert(model !== undefined, `programOfStage: no stage ${stage} of ${stages.length}`);
  return { kind: 'onnx', model, itemsPerRun };
}

const nonFiniteSchema = z.enum(['refuse', 'data']).default('refuse');
const toleranceSchema = z.number().positive().max(1);

/** See `shared/acceptance.ts` for what each rule means. */
export const acceptanceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact'), nonFinite: nonFiniteSchema }),
  z.strictObject({
    kind: z.literal('relative-l2'),
    maxRelativeL2: toleranceSchema,
    maxElementError: toleranceSchema,
    nonFinite: nonFiniteSchema,
  }),
  z.strictObject({
    kind: z.literal('label'),
    maxRelativeL2: toleranceSchema,
    maxElementError: toleranceSchema,
    margin: toleranceSchema,
    nonFinite: nonFiniteSchema,
  }),
]);

export const ENGINES = ['webgpu', 'wasm', 'cpu'] as const;
/** Where a host computes: ORT or a kernel on WebGPU, ORT on WASM, a kernel's CPU reference. */
export type Engine = (typeof ENGINES)[number];
export const engineSchema = z.enum(ENGINES);
