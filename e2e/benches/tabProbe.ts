/**
 * What a tab and its workers hold, by the browser's own debugger. Reading collects garbage first.
 */
import type { CDPSession, Page } from 'playwright-core';
import { assert } from '../../shared/result.ts';

export interface TabProbe {
  read(): Promise<TabFigures>;
}

export type TabFigures = Readonly<
  Record<
    | 'pageHeapMb'
    | 'workerHeapMb'
    | 'workers'
    | 'gpuBuffers'
    | 'gpuBufferMb'
    | 'documents'
    | 'nodes'
    | 'listeners',
    number
  >
>;

const MB = 2 ** 20;

export async function openTabProbe(page: Page): Promise<TabProbe> {
  const session = await page.context().newCDPSession(page);
  const workers = await followWorkers(session);
  const ask: Ask = (method, params) => session.send(method as 'Runtime.getHeapUsage', params);
  return {
    async read() {
      const inWorkers = await Promise.all([...workers.values()].map(readScript));
      const heap = await heapMb(ask);
      const { documents, nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
      const sum = (key: keyof ScriptFigures) => inWorkers.reduce((all, it) => all + it[key], 0);
      return {
        pageHeapMb: heap,
        workerHeapMb: sum('heapMb'),
        workers: workers.size,
        gpuBuffers: sum('gpuBuffers'),
        gpuBufferMb: sum('gpuBufferMb'),
        documents,
        nodes,
        listeners: jsEventListeners,
      };
    },
  };
}

type Ask = (method: string, params?: object) => Promise<unknown>;

interface ScriptFigures {
  readonly heapMb: number;
  readonly gpuBuffers: number;
  readonly gpuBufferMb: number;
}

async function heapMb(ask: Ask): Promise<number> {
  await ask('HeapProfiler.collectGarbage');
  const { usedSize } = (await ask('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize / MB;
}

async function readScript(ask: Ask): Promise<ScriptFigures> {
  const heap = await heapMb(ask);
  const buffers = await liveBuffers(ask);
  return {
    heapMb: heap,
    gpuBuffers: buffers.length,
    gpuBufferMb: buffers.reduce((sum, bytes) => sum + bytes, 0) / MB,
  };
}

interface Evaluated {
  readonly result: { readonly objectId?: string; readonly value?: unknown };
}

/** The bytes of each GPU buffer that something still refers to. */
async function liveBuffers(ask: Ask): Promise<number[]> {
  const { result } = (await ask('Runtime.evaluate', {
    expression: 'globalThis.GPUBuffer?.prototype',
  })) as Evaluated;
  if (result.objectId === undefined) return [];
  const { objects } = (await ask('Runtime.queryObjects', {
    prototypeObjectId: result.objectId,
    objectGroup: 'probe',
  })) as { objects: { objectId: string } };
  const sizes = (await ask('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: 'function () { return this.map(({ size }) => size) }',
    returnByValue: true,
  })) as Evaluated;
  await ask('Runtime.releaseObjectGroup', { objectGroup: 'probe' });
  await ask('Runtime.releaseObject', { objectId: result.objectId });
  return sizes.result.value as number[];
}

/** The living workers of the page, by their sessions; each is asked by messages that the page's session carries. */
async function followWorkers(session: CDPSession): Promise<ReadonlyMap<string, Ask>> {
  const workers = new Map<string, Ask>();
  const waiting = new Map<
    string,
    { resolve: (value: unknown) => void; reject: (why: Error) => void }
  >();
  let lastId = 0;
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type !== 'worker') return;
    workers.set(sessionId, (method, params = {}) => {
      const id = (lastId += 1);
      const message = JSON.stringify({ id, method, params });
      return new Promise((resolve, reject) => {
        waiting.set(`${sessionId} ${id}`, { resolve, reject });
        session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject);
      });
    });
  });
  session.on('Target.detachedFromTarget', ({ sessionId }) => {
    workers.delete(sessionId);
    for (const [key, { reject }] of waiting) {
      if (key.startsWith(`${sessionId} `)) reject(new Error('the worker is gone'));
    }
  });
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const answer = JSON.parse(message) as {
      id?: number;
      result?: unknown;
      error?: { message: string };
    };
    const key = `${sessionId} ${answer.id ?? ''}`;
    const asked = waiting.get(key);
    if (asked === undefined) return;
    waiting.delete(key);
    if (answer.error === undefined) asked.resolve(answer.result);
    else asked.reject(new Error(answer.error.message));
  });
  await session.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: false,
  });
  assert(workers.size === 0, 'the probe is opened before anything computes');
  return workers;
}
