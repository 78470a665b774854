/**
 * The connection to PGlite on its worker thread. When the thread dies, everything asked of it fails, and
 * so does everything asked afterwards.
 */
import { readFile } from 'node:fs/promises';
import { startWorkerThread } from '../workerThread.ts';
import type { OneConnection } from './oneConnectionDialect.ts';
import { pglitePackage } from './pglitePackage.ts';

/** What the thread is started with. */
export interface PgliteThreadData {
  readonly directory: string;
  readonly wasm: WebAssembly.Module;
}

export type PgliteRequest =
  | {
      readonly id: number;
      readonly kind: 'query';
      readonly text: string;
      readonly parameters: readonly unknown[];
    }
  | { readonly id: number; readonly kind: 'close' };

export type PgliteReply =
  | {
      readonly id: number;
      readonly kind: 'rows';
      readonly rows: readonly unknown[];
      readonly affectedRows: number | null;
    }
  | { readonly id: number; readonly kind: 'closed' }
  | {
      readonly id: number;
      readonly kind: 'error';
      readonly message: string;
      /** PostgreSQL's SQLSTATE, where the database refused. */
      readonly code: string | undefined;
    };

/** A query that the database refused, or that its thread did not live to answer. */
export class PgliteError extends Error {
  override name = 'PgliteError';
  readonly code: string | undefined;
  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

interface Pending {
  resolve(reply: PgliteReply): void;
  reject(error: Error): void;
}

/** Once in a process, which may open several databases: it takes as long as all else of an opening. */
let compiling: Promise<WebAssembly.Module> | undefined;
async function compiled(): Promise<WebAssembly.Module> {
  compiling ??= readFile(pglitePackage().wasm).then((bytes) => engine.compile(bytes));
  try {
    return await compiling;
  } catch (thrown) {
    compiling = undefined;
    throw thrown;
  }
}
// Node's types have the namespace's types alone.
const { WebAssembly: engine } = globalThis as unknown as {
  WebAssembly: { compile(bytes: Uint8Array): Promise<WebAssembly.Module> };
};

/** Resolves when the database answers. */
export async function openPgliteThread(directory: string): Promise<OneConnection> {
  const worker = startWorkerThread(new URL('./pgliteWorker.ts', import.meta.url), {
    workerData: { directory, wasm: await compiled() } satisfies PgliteThreadData,
  });
  const pending = new Map<number, Pending>();
  let asked = 0;
  let death: Error | null = null;
  const die = (error: Error): void => {
    death ??= error;
    for (const { reject } of pending.values()) reject(death);
    pending.clear();
  };
  worker.on('message', (reply: PgliteReply) => {
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if (reply.kind === 'error') waiting?.reject(new PgliteError(reply.message, reply.code));
    else waiting?.resolve(reply);
  });
  worker.on('error', die);
  worker.on('exit', (code) => die(new PgliteError(`the database's thread ended with ${code}`)));

  const ask = (request: Omit<PgliteRequest, 'id'>): Promise<PgliteReply> =>
    new Promise((resolve, reject) => {
      if (death !== null) return reject(death);
      const id = asked++;
      pending.set(id, { resolve, reject });
      worker.postMessage({ ...request, id });
    });
  const connection: OneConnection = {
    async query(text, parameters) {
      const reply = await ask({ kind: 'query', text, parameters } as Omit<PgliteRequest, 'id'>);
      return reply.kind === 'rows' ? reply : { rows: [], affectedRows: null };
    },
    async close() {
      await ask({ kind: 'close' });
      await worker.terminate();
    },
  };
  try {
    await connection.query('select 1', []);
  } catch (thrown) {
    await worker.terminate();
    throw thrown;
  }
  return connection;
}
