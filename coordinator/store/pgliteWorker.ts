/**
 * PGlite on a thread of its own: its WASM and its fsyncs are synchronous, and the coordinator has links to
 * serve meanwhile. Answers one query after another; knows nothing of what it stores.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert, messageOf } from '../../shared/result.ts';
import { openPglite } from './pgliteDatabase.ts';
import type { PgliteReply, PgliteRequest, PgliteThreadData } from './pgliteThread.ts';

const port = parentPort;
assert(port !== null, 'pgliteWorker runs as a worker thread');
const { directory, wasm } = workerData as PgliteThreadData;
const pglite = openPglite(directory, wasm);

async function answer(request: PgliteRequest): Promise<PgliteReply> {
  const { id } = request;
  try {
    await pglite.waitReady;
    if (request.kind === 'close') {
      await pglite.close();
      return { id, kind: 'closed' };
    }
    const { rows, affectedRows } = await pglite.query(request.text, [...request.parameters]);
    return { id, kind: 'rows', rows, affectedRows: affectedRows ?? null };
  } catch (thrown) {
    const { code } = thrown as { code?: string };
    return { id, kind: 'error', message: messageOf(thrown), code };
  }
}

port.on('message', (request: PgliteRequest) => {
  void answer(request).then((reply) => {
    port.postMessage(reply);
    if (reply.kind === 'closed') port.close();
  });
});
