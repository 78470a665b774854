/**
 * The public log as files: what the store has logged, as tiles that never change and a signed checkpoint.
 *
 * The store has the log; the files follow it within `PUBLISH_EVERY_MS`, and are made anew where they are not there.
 * Invariant: a checkpoint is written when all of its tiles are, and its size never falls.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { messageOf } from '../../shared/result.ts';
import {
  checkpointText,
  formatVerifierKey,
  signedNote,
  type NoteKey,
} from '../../shared/tlog/checkpoint.ts';
import { tilePath, TILE_WIDTH } from '../../shared/tlog/tiles.ts';
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
  readonly #edge = new LogEdge(sha256);
  #timer: NodeJS.Timeout | null = null;
  #publishing: Promise<void> = Promise.resolve();
  #published = -1;

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
    const publish = (): void => {
      this.#publishing = this.#publishing.then(() =>
        this.#publish().catch((error: unknown) => {
          // Tried again with the next tick: nothing is lost, it is only seen later.
          this.#deps.log('log-not-published', { error: messageOf(error) });
        }),
      );
    };
    publish();
    this.#timer = setInterval(publish, PUBLISH_EVERY_MS);
  }

  /** Resolves when what is being written is there. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#publishing;
  }

  file(path: string): Promise<Uint8Array | null> {
    return this.#deps.files.get(path);
  }

  /** Follows the store; the checkpoint last. */
  async #publish(): Promise<void> {
    const size = await this.#deps.store.logSize();
    while (this.#edge.size < size) {
      const entries = await this.#deps.store.logged(this.#edge.size);
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

  #write({ tile, bytes }: TileFile): Promise<void> {
    return this.#deps.files.put(tilePath(tile), bytes);
  }

  async #writeWhole(file: TileFile): Promise<void> {
    await this.#write(file);
    await this.#deps.files.drop(`${tilePath({ ...file.tile, width: TILE_WIDTH })}.p`);
  }
}
