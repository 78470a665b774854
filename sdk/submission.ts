/**
 * A job as a program writes it, tensors in hand, turned into the blobs and the JSON that are sent.
 *
 * Sends nothing. What can be seen to be wrong here is said before a byte is uploaded.
 */
import type { z } from 'zod';
import { digestOf } from '../shared/digest.ts';
import type { BlobDigest } from '../shared/ids.ts';
import { MAX_BLOB_BYTES } from '../shared/limits.ts';
import { addItemsSchema } from '../shared/protocol/addedItems.ts';
import { jobSpecSchema, type JobSpecInput } from '../shared/protocol/job.ts';
import { checkValue } from '../shared/protocol/parse.ts';
import type { jobProgramSchema } from '../shared/protocol/program.ts';
import { encodeTensors } from '../shared/safetensors.ts';
import { describeSpec, type NamedTensors } from '../shared/tensor.ts';
import { invalid } from './error.ts';

/** A storage buffer of an author's module: `@group(0) @binding(binding)`, and what it holds for one item. */
export interface WgslBuffer {
  readonly binding: number;
  readonly dtype: 'F32' | 'I32' | 'U32';
  readonly dims: readonly number[];
}

/**
 * An ONNX model, as its bytes or as the digest of a blob that was uploaded before; the stages of one, in their order;
 * a kernel of the catalogue; or WGSL of one's own (docs/wgsl.md).
 */
export type ProgramOptions =
  | {
      readonly onnx: Uint8Array | { readonly digest: BlobDigest };
      /** Outputs to return; all of the model's where absent. */
      readonly outputs?: readonly string[] | undefined;
      /** Items of one run; measured by the coordinator where absent and the model's first axis is free, else 1. */
      readonly itemsPerRun?: number | undefined;
    }
  | {
      readonly stages: readonly (Uint8Array | { readonly digest: BlobDigest })[];
      readonly itemsPerRun?: number | undefined;
    }
  | {
      /** `name@version`, as in the catalogue. */
      readonly kernel: string;
      readonly params?: Readonly<Record<string, unknown>> | undefined;
    }
  | {
      readonly wgsl: string | { readonly digest: BlobDigest };
      /** `main` where absent. */
      readonly entryPoint?: string | undefined;
      /** Workgroups along x for each item; 1 where absent. */
      readonly workgroupsPerItem?: number | undefined;
      readonly inputs?: Readonly<Record<string, WgslBuffer>> | undefined;
      readonly outputs: Readonly<Record<string, WgslBuffer>>;
    };

export interface SubmitOptions {
  readonly name: string;
  readonly program: ProgramOptions;
  readonly inputs?: {
    /** Every tensor is `[N, ...itemShape]`. */
    readonly stacked?: NamedTensors | undefined;
    /** The same for all items. */
    readonly constant?: NamedTensors | undefined;
  };
  /** N; needed only where there is no stacked input. */
  readonly items?: number | undefined;
  readonly itemsPerShard?: number | undefined;
  readonly verification?: JobSpecInput['verification'];
  readonly acceptance?: JobSpecInput['acceptance'];
  /** The most to pay, in micro-credits; no bound where absent. */
  readonly budget?: bigint | undefined;
  /** What to offer for the work, in percent of the list price; that price where absent. */
  readonly ratePercent?: number | undefined;
  /** So long after it was posted it ends with what is final then, and the rest is refunded; never where absent. */
  readonly expiresAfterMs?: number | undefined;
  /** It takes more items (`Job.addItems`), and ends when it is closed (`Job.close`) and they are done. */
  readonly open?: boolean | undefined;
  /** Submitting twice under one key posts one job. A random one where absent. */
  readonly idempotencyKey?: string | undefined;
}

/** Items for a job that is posted and open. */
export interface AddItemsOptions {
  /** The inputs that the job was posted with, of the new items: each tensor is `[n, ...itemShape]`. */
  readonly stacked?: NamedTensors | undefined;
  /** n; needed only where the job has no stacked inputs. */
  readonly items?: number | undefined;
  /** At most the job's. Absent: the job's; where samples check it, what its size asks for. */
  readonly itemsPerShard?: number | undefined;
  /** The most that the whole job may cost then, in micro-credits; no bound where absent. */
  readonly budget?: bigint | undefined;
  /** Adding twice under one key to one job adds once. A random one where absent. */
  readonly idempotencyKey?: string | undefined;
}

/** What has to be sent: the blobs first, then the job. */
export interface Submission {
  readonly spec: JobSpecInput;
  readonly blobs: readonly { readonly digest: BlobDigest; readonly bytes: Uint8Array }[];
}

/** Throws `IdlewaveError` of kind `invalid`. */
export async function prepare(options: SubmitOptions): Promise<Submission> {
  checkCounts(options.inputs?.stacked ?? {}, options.items);
  const blobs = new Map<BlobDigest, Uint8Array>();
  const add = async (bytes: Uint8Array, field: string): Promise<BlobDigest> => {
    if (bytes.byteLength > MAX_BLOB_BYTES) throw tooLarge(field, bytes.byteLength);
    const digest = await sha256(bytes);
    blobs.set(digest, bytes);
    return digest;
  };
  const program = await programOf(options.program, add);
  const inputs: { stacked?: BlobDigest; constant?: BlobDigest } = {};
  const { stacked, constant } = options.inputs ?? {};
  if (hasTensors(stacked)) inputs.stacked = await add(encodeTensors(stacked), 'inputs.stacked');
  if (hasTensors(constant)) inputs.constant = await add(encodeTensors(constant), 'inputs.constant');
  const spec: JobSpecInput = {
    name: options.name,
    program,
    inputs,
    ...defined({
      items: options.items,
      itemsPerShard: options.itemsPerShard,
      verification: options.verification,
      acceptance: options.acceptance,
      budget: options.budget?.toString(),
      ratePercent: options.ratePercent,
      expiresAfterMs: options.expiresAfterMs,
      open: options.open,
    }),
  };
  const checked = checkValue(spec, jobSpecSchema);
  if (!checked.ok) throw invalid(checked.error);
  return { spec, blobs: [...blobs].map(([digest, bytes]) => ({ digest, bytes })) };
}

/** The same of items that are added. */
export async function prepareItems(options: AddItemsOptions): Promise<{
  readonly asked: z.input<typeof addItemsSchema>;
  readonly blobs: Submission['blobs'];
}> {
  const { stacked, items, itemsPerShard, budget } = options;
  checkCounts(stacked ?? {}, items);
  const blobs = [];
  if (hasTensors(stacked)) {
    const bytes = encodeTensors(stacked);
    if (bytes.byteLength > MAX_BLOB_BYTES) throw tooLarge('inputs.stacked', bytes.byteLength);
    blobs.push({ digest: await sha256(bytes), bytes });
  }
  const [blob] = blobs;
  const asked = {
    ...(blob === undefined ? {} : { inputs: { stacked: blob.digest } }),
    ...defined({ items, itemsPerShard, budget: budget?.toString() }),
  };
  const checked = checkValue(asked, addItemsSchema);
  if (!checked.ok) throw invalid(checked.error);
  return { asked, blobs };
}

/** The platform's own SHA-256 where it has one (browsers: on https and localhost only). */
export async function sha256(bytes: Uint8Array): Promise<BlobDigest> {
  const subtle = globalThis.crypto?.subtle as SubtleDigest | undefined;
  if (subtle === undefined) return digestOf(bytes);
  const hash = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('') as BlobDigest;
}

/** The part of SubtleCrypto that is used, in terms that Node's types and the DOM's both accept. */
interface SubtleDigest {
  digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer>;
}

async function programOf(
  program: ProgramOptions,
  add: (bytes: Uint8Array, field: string) => Promise<BlobDigest>,
): Promise<z.input<typeof jobProgramSchema>> {
  if ('kernel' in program) {
    const params = (program.params ?? {}) as Record<string, z.core.util.JSONType>;
    return { kind: 'kernel', kernel: program.kernel, params };
  }
  if ('wgsl' in program) {
    const { wgsl, entryPoint, workgroupsPerItem, inputs, outputs } = program;
    const module =
      typeof wgsl === 'string'
        ? await add(new TextEncoder().encode(wgsl), 'program.wgsl')
        : wgsl.digest;
    const rest = defined({
      entryPoint,
      workgroupsPerItem,
      inputs: inputs === undefined ? undefined : buffersOf(inputs),
    });
    return { kind: 'wgsl', module, ...rest, outputs: buffersOf(outputs) };
  }
  const modelOf = (given: Uint8Array | { readonly digest: BlobDigest }, field: string) =>
    given instanceof Uint8Array ? add(given, field) : Promise.resolve(given.digest);
  if ('stages' in program) {
    const stages: BlobDigest[] = [];
    for (const [index, stage] of program.stages.entries())
      stages.push(await modelOf(stage, `program.stages[${index}]`));
    return { kind: 'staged', stages, ...defined({ itemsPerRun: program.itemsPerRun }) };
  }
  const { onnx, outputs, itemsPerRun } = program;
  const model = await modelOf(onnx, 'program.model');
  const rest = defined({ outputs: outputs === undefined ? undefined : [...outputs], itemsPerRun });
  return { kind: 'onnx', model, ...rest };
}

const buffersOf = (buffers: Readonly<Record<string, WgslBuffer>>) =>
  Object.fromEntries(
    Object.entries(buffers).map(([name, { dims, ...rest }]) => [
      name,
      { ...rest, dims: [...dims] },
    ]),
  );

/** Every stacked input must have the same number of rows. */
function checkCounts(stacked: NamedTensors, items: number | undefined): void {
  let first: { readonly of: string; readonly rows: number } | undefined;
  if (items !== undefined) first = { of: 'items', rows: items };
  for (const [name, tensor] of Object.entries(stacked)) {
    const rows = tensor.dims[0];
    if (rows === undefined || rows === 0) {
      throw invalid({
        code: 'input-count',
        field: `inputs.stacked.${name}`,
        detail: 'a stacked input has a first axis of at least one item',
        expected: '[N, ...itemShape]',
        came: describeSpec(tensor),
        fix: 'give it as a constant input if it is the same for all items',
      });
    }
    first ??= { of: `"${name}"`, rows };
    if (rows === first.rows) continue;
    throw invalid({
      code: 'input-count',
      field: `inputs.stacked.${name}`,
      detail: 'the stacked inputs do not have the same number of items',
      expected: `${first.rows} items, as ${first.of} says`,
      came: describeSpec(tensor),
      fix: 'stack the items of every input along its first axis, or give it as a constant input',
    });
  }
}

const hasTensors = (tensors: NamedTensors | undefined): tensors is NamedTensors =>
  tensors !== undefined && Object.keys(tensors).length > 0;

const tooLarge = (field: string, bytes: number) =>
  invalid({
    code: 'body-too-large',
    field,
    detail: 'the data is too large for one job',
    expected: `at most ${MAX_BLOB_BYTES} bytes`,
    came: `${bytes}`,
    fix: 'split the items over several jobs',
  });

/** Without the fields that are undefined: they must be absent in JSON. */
function defined<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: NonNullable<T[K]> };
}
