/**
 * Worker threads of the coordinator, from source and from the bundle alike.
 *
 * From source (`.ts`) a worker needs tsx as the main thread does; Node does not hand loaders on to worker
 * threads, so a line of JavaScript registers it there. Bundled, every worker is a `.js` file beside the
 * bundle, under its source's name.
 */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { NamedTensors } from '../shared/tensor.ts';

/** `source` is the URL of the worker's `.ts` file, relative to the caller's `import.meta.url`. */
export function startWorkerThread(source: URL, options: WorkerOptions = {}): Worker {
  const fromSource = import.meta.url.endsWith('.ts');
  if (!fromSource && source.pathname.endsWith('.ts')) {
    const name = source.pathname.split('/').at(-1)!.replace(/\.ts$/, '.js');
    return new Worker(new URL(`./${name}`, import.meta.url), { execArgv: [], ...options });
  }
  if (!source.pathname.endsWith('.ts')) return new Worker(source, { execArgv: [], ...options });
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const start = `import(${tsx}).then((tsx) => { tsx.register(); return import('${source.href}'); });`;
  return new Worker(start, { eval: true, execArgv: [], ...options });
}

/** A copy in a buffer of its own, listed for transfer: cloning a view would copy the whole buffer it looks at. */
export function ownBytes(bytes: Uint8Array, transfer: ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  transfer.push(copy.buffer);
  return copy;
}

export const ownTensors = (named: NamedTensors, transfer: ArrayBuffer[]): NamedTensors =>
  Object.fromEntries(
    Object.entries(named).map(([name, tensor]) => [
      name,
      { ...tensor, bytes: ownBytes(tensor.bytes, transfer) },
    ]),
  );
