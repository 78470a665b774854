/**
 * Outputs of reports by digest: the recent ones in memory (bounded), the others from the store.
 *
 * An output is put here before its transaction commits, so that judging need not wait for the disk; only
 * judging reads it from here, never an author.
 */
import type { BlobDigest, ShardId } from '../../shared/ids.ts';
import { assert } from '../../shared/result.ts';
import type { ShownRows } from '../../shared/stage.ts';
import { decodeTensors } from '../../shared/safetensors.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { Store, StoredOutput } from '../store/store.ts';

/** Outputs kept in memory: two reports of the largest size for each of a few dozen shards. */
const MAX_CACHE_BYTES = 256 * 1024 * 1024;

export interface ReportedOutput {
  readonly digest: BlobDigest;
  /** safetensors file in the shard's own item order. */
  readonly bytes: Uint8Array;
}

/** Of one report. */
export interface ReportedOutputs {
  /** Of a stage that is not the last only the root: what it computed has gone to the next one. */
  readonly own: ReportedOutput | { readonly digest: BlobDigest; readonly bytes: null };
  /** Rows of the assignment's probes, in their order; null where it has none. */
  readonly probes: ReportedOutput | null;
  /** Of a stage: rows that it was asked to show. */
  readonly shown?: ShownRows;
}

/** Its bytes came with the report. */
export const isStored = (output: ReportedOutputs['own'] | null): output is ReportedOutput =>
  output !== null && output.bytes !== null;

export class Outputs {
  readonly #store: Pick<Store, 'output'>;
  readonly #recent = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(store: Pick<Store, 'output'>) {
    this.#store = store;
  }

  put({ shard, digest, bytes }: StoredOutput): void {
    const key = `${shard}/${digest}`;
    if (this.#recent.has(key)) return;
    this.#recent.set(key, bytes);
    this.#bytes += bytes.byteLength;
    for (const [oldest, { byteLength }] of this.#recent) {
      if (this.#bytes <= MAX_CACHE_BYTES) break;
      this.#recent.delete(oldest);
      this.#bytes -= byteLength;
    }
  }

  forget(shard: ShardId, digest: BlobDigest): void {
    const key = `${shard}/${digest}`;
    this.#bytes -= this.#recent.get(key)?.byteLength ?? 0;
    this.#recent.delete(key);
  }

  /** The output's tensors, in the shard's own item order. Asserts that it exists: open work keeps it. */
  async tensors(shard: ShardId, digest: BlobDigest): Promise<NamedTensors> {
    const bytes =
      this.#recent.get(`${shard}/${digest}`) ?? (await this.#store.output(shard, digest));
    assert(bytes !== null, `output ${digest} of shard ${shard} is absent`);
    const tensors = decodeTensors(bytes);
    assert(tensors.ok, `output ${digest} of shard ${shard} cannot be read`);
    return tensors.value;
  }
}
