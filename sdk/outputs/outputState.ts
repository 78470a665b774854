/**
 * What stands beside an output while it is not whole: which job, how far it was read, and what its items are called.
 *
 * A folder `OUTPUT.partial`. Whoever is killed leaves it, and the next one goes on from it; it goes away when the
 * output stands. One process at a time: a second one is told so.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MAX_ITEMS_PER_JOB, MAX_NAME_CHARS } from '../../shared/limits.ts';
import { parseJson } from '../../shared/protocol/parse.ts';
import { messageOf, ok, type Result } from '../../shared/result.ts';
import { fileProblem, type FileProblem } from '../inputs/fileProblem.ts';
import { writeWholeFile } from '../inputs/wholeFile.ts';

const stateSchema = z.strictObject({
  version: z.literal(1),
  /** The coordinator. */
  url: z.string(),
  /** Under which the job was or will be posted; null where it was posted by somebody else. */
  idempotencyKey: z.string().max(MAX_NAME_CHARS).nullable(),
  /** Of the specification: the same command on the same data. Null with the key. */
  specDigest: z.string().nullable(),
  /** Null until the coordinator answered. */
  job: z.string().nullable(),
  /** Results up to this sequence are in the spool. */
  cursor: z.number().int().min(0),
  /** The files that the items were made of, in their order; null where they are of none. */
  itemNames: z.array(z.string()).max(MAX_ITEMS_PER_JOB).nullable(),
  /** The output was about to be put in its place: it stands there, or is made again. */
  placing: z.boolean(),
});
export type OutputState = z.infer<typeof stateSchema>;

export class OutputFolder {
  readonly path: string;
  #state: OutputState | null;

  private constructor(path: string, state: OutputState | null) {
    this.path = path;
    this.#state = state;
  }

  /** Makes the folder and takes it; nobody else may until `release` or the end of this process. */
  static async take(output: string): Promise<Result<OutputFolder, FileProblem>> {
    const path = `${output.replace(/[/\\]+$/, '')}.partial`;
    try {
      await mkdir(path, { recursive: true });
      const holder = await lock(join(path, 'pid'));
      if (holder !== null) {
        const fix = `wait for process ${holder}, or delete ${join(path, 'pid')} if it is not idlewave`;
        return fileProblem(output, 'nobody else to write it', `process ${holder} does`, fix);
      }
    } catch (thrown) {
      const fix = 'check that the folder exists, is writable and has room';
      return fileProblem(path, 'to make a folder beside the output', messageOf(thrown), fix);
    }
    const text = await readFile(join(path, STATE), 'utf8').catch(() => null);
    if (text === null) {
      // Of an output that stands already: its state went first.
      await rm(join(path, SPOOL), { recursive: true, force: true });
      return ok(new OutputFolder(path, null));
    }
    const state = parseJson(text, stateSchema);
    if (state.ok) return ok(new OutputFolder(path, state.value));
    await rm(join(path, 'pid'), { force: true });
    const fix = `delete ${path} to begin anew`;
    return fileProblem(join(path, STATE), 'the state of an output', state.error.detail, fix);
  }

  /** Null before the first `save`. */
  get state(): OutputState | null {
    return this.#state;
  }

  get spoolPath(): string {
    return join(this.path, SPOOL);
  }

  /** Changes some of it; the file is the old state or the new one, never a part. */
  async save(changes: Partial<OutputState>): Promise<Result<OutputState, FileProblem>> {
    const state: OutputState = { ...(this.#state ?? EMPTY), ...changes };
    const written = await writeWholeFile(join(this.path, STATE), JSON.stringify(state));
    if (!written.ok) return written;
    this.#state = state;
    return ok(state);
  }

  /** Others may take it; what is in it stays for them. */
  async release(): Promise<void> {
    if (this.#state === null) await this.remove();
    else await rm(join(this.path, 'pid'), { force: true });
  }

  /** Begins anew. */
  async clear(): Promise<void> {
    await rm(join(this.path, STATE), { force: true });
    await rm(this.spoolPath, { recursive: true, force: true });
    this.#state = null;
  }

  /** The state goes first: rows without it count for nothing, but it would vouch for rows that are gone. */
  async remove(): Promise<void> {
    await this.clear();
    await rm(this.path, { recursive: true, force: true });
  }
}

const STATE = 'state.json';
const SPOOL = 'spool';
const EMPTY: OutputState = {
  version: 1,
  url: '',
  idempotencyKey: null,
  specDigest: null,
  job: null,
  cursor: 0,
  itemNames: null,
  placing: false,
};

/** Null where the lock was taken; else who has it. A process that is no more has none. */
async function lock(path: string): Promise<number | null> {
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, `${process.pid}`, { flag: 'wx' });
      return null;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 2) throw thrown;
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => '0'));
    if (holder !== process.pid && holder > 0 && isAlive(holder)) return holder;
    await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
