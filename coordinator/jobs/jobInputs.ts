/**
 * Items of a job's stacked inputs, read from their blob: whole small blobs are kept in memory, of large
 * ones only the rows that are asked for are read.
 */
import type { BlobDigest } from '../../shared/ids.ts';
import type { ItemBatch } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import {
  TENSOR_HEAD_BYTES,
  decodeTensors,
  tensorLayout,
  type TensorPlace,
} from '../../shared/safetensors.ts';
import type { NamedTensors, Tensor } from '../../shared/tensor.ts';
import { lotOfItems } from '../core/lots.ts';
import type { Job } from '../core/state.ts';
import type { BlobStore } from '../store/blobs.ts';
import { absentBlob } from './neededBlobs.ts';

/** Blobs up to this size are read whole: a job's items are asked for many times, in random order. */
const WHOLE_BLOB_BYTES = 64 * 1024 * 1024;
const MAX_CACHE_BYTES = 256 * 1024 * 1024;
const MAX_LAYOUTS = 256;

type StackedJob = Pick<Job, 'stacked' | 'items' | 'shards' | 'itemsPerShard' | 'added'>;

export class JobInputs {
  readonly #blobs: BlobStore;
  readonly #layouts = new Map<BlobDigest, TensorPlace[]>();
  readonly #whole = new Map<BlobDigest, Uint8Array>();
  #wholeBytes = 0;

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** Where the tensors of a blob lie; a problem where there is no such blob or it is no safetensors file. */
  async layout(blob: BlobDigest, field: string): Promise<Result<TensorPlace[], Problem>> {
    const known = this.#layouts.get(blob);
    if (known !== undefined) return ok(known);
    const bytes = await this.#blobs.has(blob);
    if (bytes === null) return fail(absentBlob(blob, field));
    const head = await this.#blobs.read(blob, 0, Math.min(bytes, TENSOR_HEAD_BYTES));
    assert(head !== null, `blob ${blob} vanished`);
    const layout = tensorLayout(head, bytes);
    if (!layout.ok) {
      const { expected, came } = layout.error;
      const detail = 'the blob is not a safetensors file';
      return fail({ code: 'malformed-tensors', detail, field, expected, came });
    }
    bounded(this.#layouts, blob, layout.value, MAX_LAYOUTS);
    return layout;
  }

  /** The tensors of a blob whole: a job's constant inputs. */
  async all(blob: BlobDigest): Promise<NamedTensors> {
    const bytes = await this.#blobs.get(blob);
    assert(bytes !== null, `blob ${blob} is absent`);
    const tensors = decodeTensors(bytes);
    assert(tensors.ok, `blob ${blob} cannot be read`);
    return tensors.value;
  }

  /** Items of a running job with everything its program needs. */
  async batch(
    job: StackedJob & Pick<Job, 'constants'>,
    items: readonly number[],
  ): Promise<ItemBatch> {
    const { constants } = job;
    return {
      items,
      stacked: await this.stacked(job, items),
      constants: constants === null ? {} : await this.all(constants),
    };
  }

  /** Stacked inputs of items of one lot; none where the job has none. */
  async stacked(job: StackedJob, items: readonly number[]): Promise<NamedTensors> {
    const { stacked, firstItem } = lotOfItems(job, items);
    const rows = items.map((item) => item - firstItem);
    return stacked === null ? {} : this.rows(stacked, rows);
  }

  /** Stacked tensors `[items.length, ...itemShape]` with the given items, in that order. */
  async rows(blob: BlobDigest, items: readonly number[]): Promise<NamedTensors> {
    const layout = await this.layout(blob, 'inputs.stacked');
    assert(layout.ok, `blob ${blob} of a running job cannot be read`);
    const whole = await this.#wholeBlob(blob);
    const tensors: Record<string, Tensor> = {};
    for (const { name, dtype, dims, start, end } of layout.value) {
      const rowBytes = (end - start) / dims[0]!;
      const bytes = new Uint8Array(items.length * rowBytes);
      for (const [row, item] of items.entries()) {
        const from = start + item * rowBytes;
        const source =
          whole?.subarray(from, from + rowBytes) ??
          (await this.#blobs.read(blob, from, from + rowBytes));
        assert(source?.byteLength === rowBytes, `item ${item} of blob ${blob} cannot be read`);
        bytes.set(source, row * rowBytes);
      }
      tensors[name] = { dtype, dims: [items.length, ...dims.slice(1)], bytes };
    }
    return tensors;
  }

  async #wholeBlob(blob: BlobDigest): Promise<Uint8Array | null> {
    const cached = this.#whole.get(blob);
    if (cached !== undefined) return cached;
    const size = await this.#blobs.has(blob);
    if (size === null || size > WHOLE_BLOB_BYTES) return null;
    const bytes = await this.#blobs.get(blob);
    if (bytes === null || this.#whole.has(blob)) return bytes;
    this.#whole.set(blob, bytes);
    this.#wholeBytes += bytes.byteLength;
    for (const [oldest, { byteLength }] of this.#whole) {
      if (this.#wholeBytes <= MAX_CACHE_BYTES) break;
      this.#whole.delete(oldest);
      this.#wholeBytes -= byteLength;
    }
    return bytes;
  }
}

function bounded<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value!);
}
