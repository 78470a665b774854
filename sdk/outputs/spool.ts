/**
 * Results on disk while their job runs: each output one file, in which every item has its place.
 *
 * Rows come in any order and may come again: they are written where they belong, so writing twice changes nothing.
 * Invariant: what was put before the last `flush` survives a crash, whatever was put after it.
 */
import { writeSync } from 'node:fs';
import { open, mkdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../shared/result.ts';
import {
  byteLengthOf,
  describeSpec,
  sameDims,
  type NamedTensors,
  type Tensor,
  type TensorSpec,
} from '../../shared/tensor.ts';
import { unexpectedAnswer } from '../error.ts';
import type { ResultsPage } from '../job.ts';

export const ITEM_STATES = { missing: 0, settled: 1, failed: 2 } as const;
export type ItemState = keyof typeof ITEM_STATES;
const STATE_NAMES = Object.keys(ITEM_STATES) as readonly ItemState[];

/** Outputs of one item: every tensor has the item's shape. Views that the next row may overwrite. */
export interface SpooledRow {
  readonly item: number;
  readonly state: ItemState;
  readonly outputs: NamedTensors;
}

/** Read at once while walking over rows. */
const READ_BYTES = 1024 * 1024;

interface SpooledOutput extends TensorSpec {
  readonly name: string;
  readonly itemBytes: number;
  readonly file: FileHandle;
}

export class Spool {
  readonly #outputs: readonly SpooledOutput[];
  #states: Uint8Array;
  readonly #stateFile: FileHandle;
  #settled = 0;

  private constructor(outputs: readonly SpooledOutput[], states: Uint8Array, file: FileHandle) {
    this.#outputs = outputs;
    this.#states = states;
    this.#stateFile = file;
    for (const state of states) this.#settled += Number(state === ITEM_STATES.settled);
  }

  /** Of a folder, which is made where it is absent. The same specs every time, and never a smaller total. */
  static async open(
    folder: string,
    specs: Readonly<Record<string, TensorSpec>>,
    total: number,
  ): Promise<Spool> {
    await mkdir(folder, { recursive: true });
    const files: FileHandle[] = [];
    const opened = async (name: string): Promise<FileHandle> => {
      const path = join(folder, name);
      const file = await open(path, 'r+').catch(() => open(path, 'w+'));
      files.push(file);
      return file;
    };
    try {
      const outputs = [];
      for (const [index, [name, { dtype, dims }]] of Object.entries(specs).entries()) {
        const spec = { dtype, dims, itemBytes: byteLengthOf({ dtype, dims }) };
        outputs.push({ name, ...spec, file: await opened(`${index}.rows`) });
      }
      const stateFile = await opened('states');
      const states = new Uint8Array(total);
      await readFully(stateFile, states, 0);
      return new Spool(outputs, states, stateFile);
    } catch (thrown) {
      await Promise.all(files.map((file) => file.close()));
      throw thrown;
    }
  }

  /** Items of the job. */
  get total(): number {
    return this.#states.length;
  }

  /** Items were added to the job. Harmless where it knows. */
  grow(total: number): void {
    if (total <= this.total) return;
    const states = new Uint8Array(total);
    states.set(this.#states);
    this.#states = states;
  }

  get outputs(): readonly (TensorSpec & { readonly name: string })[] {
    return this.#outputs;
  }

  /** Items with a result. */
  get settled(): number {
    return this.#settled;
  }

  itemsIn(state: ItemState): number[] {
    const items: number[] = [];
    this.#states.forEach((one, item) => {
      if (one === ITEM_STATES[state]) items.push(item);
    });
    return items;
  }

  /** Throws `IdlewaveError` where the page does not fit the job; nothing is written then. */
  put(page: ResultsPage): void {
    for (const { name, dtype, dims } of this.#outputs) {
      const rows = page.outputs[name];
      const expected = { dtype, dims: [page.items.length, ...dims] };
      if (rows?.dtype === dtype && sameDims(rows.dims, expected.dims)) continue;
      const came = rows === undefined ? 'nothing' : describeSpec(rows);
      throw wrongPage(`"${name}" ${describeSpec(expected)}`, came);
    }
    for (const item of [...page.items, ...page.failed])
      if (item >= this.total) throw wrongPage(`items below ${this.total}`, `${item}`);
    for (const { name, itemBytes, file } of this.#outputs) {
      const { bytes } = page.outputs[name]!;
      // A page has thousands of small rows: a promise for each would take longer than all the writing.
      for (const [row, item] of page.items.entries())
        writeSync(file.fd, bytes, row * itemBytes, itemBytes, item * itemBytes);
    }
    for (const item of page.failed) this.#mark(item, 'failed');
    for (const item of page.items) this.#mark(item, 'settled');
  }

  /** Everything put so far is on the disk. Rows before states: a state never stands for a row that is not there. */
  async flush(): Promise<void> {
    await Promise.all(this.#outputs.map(({ file }) => file.datasync()));
    await this.#stateFile.write(this.#states, 0, this.total, 0);
    await this.#stateFile.datasync();
  }

  /** All items, in their order. */
  async *rows(): AsyncGenerator<SpooledRow> {
    const rowBytes = this.#outputs.reduce((sum, { itemBytes }) => sum + itemBytes, 0);
    const step = Math.max(1, Math.floor(READ_BYTES / Math.max(1, rowBytes)));
    for (let first = 0; first < this.total; first += step) {
      const count = Math.min(step, this.total - first);
      const pieces = await Promise.all(
        this.#outputs.map(async ({ itemBytes, file }) => {
          const bytes = new Uint8Array(count * itemBytes);
          await readFully(file, bytes, first * itemBytes);
          return bytes;
        }),
      );
      for (let row = 0; row < count; row++) {
        const outputs = Object.create(null) as Record<string, Tensor>;
        this.#outputs.forEach(({ name, dtype, dims, itemBytes }, index) => {
          const bytes = pieces[index]!.subarray(row * itemBytes, (row + 1) * itemBytes);
          outputs[name] = { dtype, dims, bytes };
        });
        const state = STATE_NAMES[this.#states[first + row]!] ?? 'missing';
        yield { item: first + row, state, outputs };
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#outputs.map(({ file }) => file), this.#stateFile].map((f) => f.close()),
    );
  }

  #mark(item: number, state: ItemState): void {
    const before = this.#states[item];
    assert(before !== undefined, `no item ${item}`);
    // A failed shard is over; an item that settles again, after it was taken back, has its new row.
    this.#settled += Number(state === 'settled') - Number(before === ITEM_STATES.settled);
    this.#states[item] = ITEM_STATES[state];
  }
}

/** Places that were never written, at the end of the file too, are zeros. */
async function readFully(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < into.byteLength;) {
    const { bytesRead } = await file.read(into, at, into.byteLength - at, position + at);
    if (bytesRead === 0) return;
    at += bytesRead;
  }
}

const wrongPage = (expected: string, came: string) =>
  unexpectedAnswer('a page of results does not fit its job', expected, came);
