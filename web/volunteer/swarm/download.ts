/**
 * One blob on its way here, in chunks: from the coordinator what is this host's share of it, from neighbours the rest.
 *
 * A chunk is kept, and told of, only when its hash is the one that the coordinator's list has. The swarm makes nothing
 * late: where it is slower than LEAST_BYTES_PER_MS, or stands still, what is missing comes from the coordinator.
 * Invariant: `done` resolves once, whatever neighbours do, and bytes in it have the blob's digest.
 */
import { ChunkSet, chunkCount, chunkRange } from '../../../shared/chunks.ts';
import type { BlobDigest, PeerId } from '../../../shared/ids.ts';
import { CHUNK_BYTES } from '../../../shared/limits.ts';
import type { ChunkList } from '../../../shared/protocol/swarm.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import { sha256Hex } from '../blobs.ts';
import type { BlobFailure, Clock } from '../ports.ts';
import type { ChunkFeed } from './chunkFeed.ts';
import { ChunkPicker } from './chunkPicker.ts';

/** Chunks of one request to the coordinator, and requests side by side: a line is full, and little comes twice. */
const RUN_CHUNKS = 4;
const FEEDS = 2;
/** Connections to neighbours take some seconds: until then nothing is late. */
const GRACE_MS = 10_000;
const LEAST_BYTES_PER_MS = (512 * 1024) / 1000;
/** Neighbours from whom nothing came for so long are not waited for: a chunk a second comes from the coordinator. */
const STALL_MS = 8_000;
const STALLED_EVERY_MS = 1_000;
/** However large it is, a blob is here by then, if the coordinator's line lets it. */
const LATEST_MS = 300_000;
/** Failures in a row before the download fails: a coordinator that restarts is back within seconds. */
const ATTEMPTS = 4;
const FIRST_RETRY_MS = 1_000;

export interface DownloadPorts {
  readonly feed: ChunkFeed;
  readonly clock: Clock;
  readonly random: () => number;
  readonly ask: (peer: PeerId, chunk: number) => void;
  readonly drop: (peer: PeerId, why: 'silent' | 'wrong-chunk') => void;
  /** A chunk is here, checked; `from` is null where it came from the coordinator. */
  readonly onKept: (chunk: number, bytes: number, from: PeerId | null) => void;
}

export class Download {
  readonly blob: BlobDigest;
  readonly bytes: number;
  readonly picker: ChunkPicker;
  readonly done: Promise<Result<Uint8Array, BlobFailure>>;
  readonly #ports: DownloadPorts;
  readonly #buffer: Uint8Array;
  readonly #startedAtMs: number;
  readonly #abort = new AbortController();
  readonly #list: Promise<ChunkList | null>;
  #hasList = false;
  #end: (result: Result<Uint8Array, BlobFailure>) => void = () => undefined;
  #hasEnded = false;
  #feeds = 0;
  #failures = 0;
  #rests = false;
  #helpedAtMs: number;
  #urgentAtMs = -Infinity;

  constructor(blob: BlobDigest, bytes: number, ports: DownloadPorts) {
    this.blob = blob;
    this.bytes = bytes;
    this.#ports = ports;
    this.#buffer = new Uint8Array(bytes);
    this.picker = new ChunkPicker(chunkCount(bytes));
    this.#startedAtMs = ports.clock.nowMs();
    this.#helpedAtMs = this.#startedAtMs + GRACE_MS;
    this.done = new Promise((resolve) => (this.#end = resolve));
    this.#list = this.#fetchList();
    // The list is on its way with the first chunks: they wait for it here.
    void this.#list.then((list) => {
      this.#hasList = list !== null;
      this.pump();
    });
  }

  /** Views of a chunk that is here; null where it is not. */
  read(chunk: number): Uint8Array | null {
    if (!this.picker.have.has(chunk)) return null;
    const { start, end } = chunkRange(chunk, this.bytes);
    return this.#buffer.subarray(start, end);
  }

  /** Nobody helps any more: everything comes from the coordinator. */
  goOnAlone(): void {
    this.picker.setShare(ChunkSet.all(this.picker.have.count));
    this.pump();
  }

  /** A neighbour sent a chunk; false where it was asked for nothing like it. */
  take(peer: PeerId, chunk: number, bytes: Uint8Array): boolean {
    const came = this.picker.came(peer, chunk);
    if (came === 'check') void this.#check(chunk, bytes, peer);
    return came !== 'unasked';
  }

  cancel(): void {
    this.#finish(fail({ kind: 'blob-unreachable', message: 'the download was called off' }));
  }

  /** To be called after every change, and every second. */
  pump(): void {
    if (this.#hasEnded) return;
    const nowMs = this.#ports.clock.nowMs();
    for (const peer of this.picker.lapse(nowMs)) this.#ports.drop(peer, 'silent');
    if (this.#hasList) {
      const requests = this.picker.pick(nowMs, this.#ports.random);
      for (const { peer, chunk } of requests) this.#ports.ask(peer, chunk);
    }
    while (this.#feeds < FEEDS && !this.#rests) {
      const run = this.picker.nextRun(RUN_CHUNKS);
      if (run.length === 0) break;
      void this.#feed(run);
    }
    if (this.#feeds > 0 || this.#rests || !this.#isLate(nowMs)) return;
    const urgent = this.picker.urgent(this.#ports.random);
    if (urgent === null) return;
    this.#urgentAtMs = nowMs;
    void this.#feed([urgent]);
  }

  #isLate(nowMs: number): boolean {
    const rate = Math.max(LEAST_BYTES_PER_MS, this.bytes / LATEST_MS);
    const due = (nowMs - this.#startedAtMs - GRACE_MS) * rate;
    const isStalled = nowMs - this.#helpedAtMs > STALL_MS;
    if (isStalled && nowMs - this.#urgentAtMs >= STALLED_EVERY_MS) return true;
    return this.picker.have.size * CHUNK_BYTES < due;
  }

  async #feed(run: readonly number[]): Promise<void> {
    this.#feeds += 1;
    const checks: Promise<boolean>[] = [];
    const [first] = run;
    const result = await this.#ports.feed.chunks(
      this.blob,
      this.bytes,
      first!,
      run.length,
      this.#abort.signal,
      (chunk, bytes) => {
        checks.push(this.#check(chunk, bytes, null));
      },
    );
    const areRight = (await Promise.all(checks)).every((isRight) => isRight);
    for (const chunk of run) this.picker.fed(chunk);
    this.#feeds -= 1;
    if (!result.ok) this.#failed(result.error);
    else if (areRight) this.#failures = 0;
    this.pump();
  }

  async #check(chunk: number, bytes: Uint8Array, from: PeerId | null): Promise<boolean> {
    const list = await this.#list;
    if (list === null || this.#hasEnded) return false;
    const isRight = (await sha256Hex(bytes)) === list.chunks[chunk];
    if (this.#hasEnded) return isRight;
    const isNew = isRight && !this.picker.have.has(chunk);
    if (isNew) this.#buffer.set(bytes, chunkRange(chunk, this.bytes).start);
    this.picker.checked(chunk, isRight);
    if (isNew && from !== null) this.#helpedAtMs = this.#ports.clock.nowMs();
    if (isNew) this.#ports.onKept(chunk, bytes.byteLength, from);
    if (!isRight && from !== null) this.#ports.drop(from, 'wrong-chunk');
    else if (!isRight) this.#failed(wrong(this.blob, `chunk ${chunk} is not what its hash says`));
    if (this.picker.have.isFull) await this.#complete();
    else this.pump();
    return isRight;
  }

  async #complete(): Promise<void> {
    if (this.#hasEnded) return;
    const came = await sha256Hex(this.#buffer);
    if (came === this.blob) return this.#finish(ok(this.#buffer));
    this.#finish(fail(wrong(this.blob, `expected SHA-256 ${this.blob}, came ${came}`)));
  }

  async #fetchList(): Promise<ChunkList | null> {
    while (!this.#hasEnded) {
      const list = await this.#ports.feed.list(this.blob, this.#abort.signal);
      if (list.ok && list.value.bytes === this.bytes) return list.value;
      const text = 'the list of chunks is of another size';
      this.#failed(list.ok ? wrong(this.blob, text) : list.error);
      await new Promise<void>((resolve) => this.#ports.clock.after(this.#restMs(), resolve));
    }
    return null;
  }

  /** Rests, longer each time, or gives up. */
  #failed(failure: BlobFailure): void {
    if (this.#hasEnded) return;
    this.#failures += 1;
    if (failure.kind === 'blob-absent' || this.#failures >= ATTEMPTS) {
      return this.#finish(fail(failure));
    }
    if (this.#rests) return;
    this.#rests = true;
    this.#ports.clock.after(this.#restMs(), () => {
      this.#rests = false;
      this.pump();
    });
  }

  #restMs(): number {
    return FIRST_RETRY_MS * 2 ** (this.#failures - 1) * (0.5 + this.#ports.random() / 2);
  }

  #finish(result: Result<Uint8Array, BlobFailure>): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#abort.abort();
    this.#end(result);
  }
}

const wrong = (blob: BlobDigest, text: string): BlobFailure => ({
  kind: 'blob-wrong',
  message: `blob ${blob.slice(0, 8)}: ${text}`,
});
