/**
 * The public log as files: what the store has logged, as tiles that never change and a signed checkpoint.
 *
 * The store has the log; the files follow it within `PUBLISH_EVERY_MS`, and are made anew where they are not there.
 * Invariant: a checkpoint is written when all of its tiles are, and its size never falls.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { assert, messageOf } from '../../shared/result.ts';
import {
  checkpointText,
  formatVerifierKey,
  signedNote,
  type NoteKey,
} from '../../shared/tlog/checkpoint.ts';
import { parseTilePath, partOfWhole, tilePath, TILE_WIDTH } from '../../shared/tlog/tiles.ts';
import type { Store } from '../store/store.ts';
import { LogEdge, type TileFile } from '../../shared/tlog/logEdge.ts';
import type { LogFiles } from './logFiles.ts';

export const CHECKPOINT_PATH = 'checkpoint';
/** What settles in this time is published together. */
const PUBLISH_EVERY_MS = 500;
/** DER of an Ed25519 private key before its 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const sha256 = (message: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(message).digest());

export interface PublicLogDeps {
  readonly store: Pick<Store, 'logSize' | 'logged'>;
  readonly files: LogFiles;
  /** The store's: the log's key follows from it, and is the same after every restart. */
  readonly secret: string;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

export class PublicLog {
  readonly key: NoteKey;
  readonly #deps: PublicLogDeps;
  readonly #privateKey: ReturnType<typeof createPrivateKey>;
  #edge = new LogEdge(sha256);
  #timer: NodeJS.Timeout | null = null;
  #publishing: Promise<void> = Promise.resolve();
  #isPublishing = false;
  /** Entries of the last checkpoint; null before the first. */
  #published: number | null = null;
  /** What was told last of why nothing is published. */
  #failure: string | null = null;

  constructor(deps: PublicLogDeps) {
    this.#deps = deps;
    const seed = createHmac('sha256', deps.secret).update('public log key').digest();
    this.#privateKey = createPrivateKey({
      key: Buffer.concat([PKCS8, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    const der = createPublicKey(this.#privateKey).export({ format: 'der', type: 'spki' });
    const publicKey = new Uint8Array(der.subarray(-32));
    const name = `idlewave-${Buffer.from(sha256(publicKey)).toString('hex').slice(0, 16)}`;
    this.key = { name, publicKey };
  }

  get verifierKey(): string {
    return formatVerifierKey(this.key);
  }

  /** From now on the files follow the store. Those of a long log take a while where they are not there. */
  start(): void {
    this.#publishing = this.#publish();
    this.#timer = setInterval(() => {
      if (!this.#isPublishing) this.#publishing = this.#publish();
    }, PUBLISH_EVERY_MS);
  }

  /** Resolves when what is being written is there. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#publishing;
  }

  /** A file as tlog-tiles names it; null where the log has none. */
  async file(path: string): Promise<Uint8Array | null> {
    const bytes = await this.#deps.files.get(path);
    const tile = bytes === null ? parseTilePath(path) : null;
    if (tile === null || tile.width === TILE_WIDTH) return bytes;
    // Somebody goes by a checkpoint from before the tile was whole.
    const whole = await this.#deps.files.get(tilePath({ ...tile, width: TILE_WIDTH }));
    return whole === null ? null : partOfWhole(tile, whole);
  }

  async #publish(): Promise<void> {
    this.#isPublishing = true;
    try {
      await this.#follow();
      this.#failure = null;
    } catch (thrown) {
      // From the beginning with the next tick: which files were written before it failed is not known.
      this.#edge = new LogEdge(sha256);
      this.#published = null;
      const error = messageOf(thrown);
      if (error !== this.#failure) this.#deps.log('log-not-published', { error });
      this.#failure = error;
    } finally {
      this.#isPublishing = false;
    }
  }

  /** Follows the store; the checkpoint last. */
  async #follow(): Promise<void> {
    const size = await this.#deps.store.logSize();
    if (this.#published === null) await this.#assertNothingIsTakenBack(size);
    while (this.#edge.size < size) {
      const entries = await this.#deps.store.logged(this.#edge.size);
      assert(entries.length > 0, `the public log has a gap at ${this.#edge.size}`);
      for (const file of this.#edge.append(entries)) await this.#writeWhole(file);
    }
    if (this.#edge.size === this.#published) return;
    for (const file of this.#edge.partial()) await this.#write(file);
    const { size: published, root } = this.#edge;
    const text = checkpointText({ origin: this.key.name, size: published, root });
    const note = signedNote(text, this.key, sign(null, Buffer.from(text), this.#privateKey));
    await this.#deps.files.put(CHECKPOINT_PATH, new TextEncoder().encode(note));
    this.#published = published;
  }

  /** A store that was restored from a backup would fork the log, which everybody who saw more would take for fraud. */
  async #assertNothingIsTakenBack(size: number): Promise<void> {
    const note = await this.#deps.files.get(CHECKPOINT_PATH);
    if (note === null) return;
    const [origin, published] = new TextDecoder().decode(note).split('\n');
    // Of another store: its files are made anew.
    if (origin !== this.key.name || Number(published) <= size) return;
    throw new Error(
      `expected at least the ${published} entries that were published, the store has ${size}: was it restored from a ` +
        'backup? Restore a newer one; or delete the log folder, and tell those who keep checkpoints why history changes',
    );
  }

  #write({ tile, bytes }: TileFile): Promise<void> {
    return this.#deps.files.put(tilePath(tile), bytes);
  }

  async #writeWhole(file: TileFile): Promise<void> {
    await this.#write(file);
    await this.#deps.files.drop(`${tilePath({ ...file.tile, width: TILE_WIDTH })}.p`);
  }
}
