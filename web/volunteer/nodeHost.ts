/**
 * A volunteer in a Node process: the host with Node's socket, key, cache and engines put together.
 *
 * The composition only: no protocol and no output of its own.
 */
import { dirname, join } from 'node:path';
import { memoryBlobCache } from './memoryBlobCache.ts';
import { httpBlobSource } from './blobs.ts';
import type { EmitHostEvent } from './events.ts';
import { nodePeers } from '../peer/nodePeers.ts';
import { Host } from './host.ts';
import type { LifecycleState } from './lifecycle.ts';
import { nodeBlobCache } from './nodeBlobCache.ts';
import { nodeCompute } from './nodeCompute.ts';
import { nodeIdentity } from './nodeIdentity.ts';
import { connectNodeLink } from './nodeSocket.ts';
import { transportPeers } from './transportPeers.ts';
import type { Clock } from './ports.ts';

export interface NodeHostOptions {
  /** The coordinator's public address. */
  readonly url: string;
  /** Made at the first start; its folder also keeps the blobs, unless `cacheDirectory` is given. */
  readonly identityFile: string;
  /** Where blobs are kept between runs; null keeps them in memory. */
  readonly cacheDirectory?: string | null;
  /** Ends the host: leases go back, then the link closes. */
  readonly signal?: AbortSignal;
  readonly onEvent?: EmitHostEvent;
  /** Software and version, for operators. */
  readonly agent?: string;
}

export interface NodeHost {
  readonly state: LifecycleState;
  pause(): void;
  resume(): void;
  /** Resolves when the work is returned and the engines are closed. */
  stop(): Promise<void>;
  /** Resolves when the host has stopped, for whatever reason. */
  readonly stopped: Promise<Extract<LifecycleState, { kind: 'stopped' }>>;
}

const clock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Starts computing at once: whoever runs this has consented. Throws where the identity is unusable. */
export async function startNodeHost(options: NodeHostOptions): Promise<NodeHost> {
  const { url, identityFile, signal, onEvent, agent = 'idlewave-node' } = options;
  const { cacheDirectory = join(dirname(identityFile), 'blobs') } = options;
  const compute = nodeCompute();
  const blobs = httpBlobSource({
    origin: new URL(url).origin,
    cache: cacheDirectory === null ? memoryBlobCache() : nodeBlobCache(cacheDirectory),
    clock,
    random: Math.random,
    fetch,
  });
  const identity = await nodeIdentity(identityFile);
  let tellStopped: (state: Extract<LifecycleState, { kind: 'stopped' }>) => void = () => undefined;
  const stopped = new Promise<Extract<LifecycleState, { kind: 'stopped' }>>((resolve) => {
    tellStopped = resolve;
  });
  const host = new Host(
    {
      url,
      connect: connectNodeLink,
      compute,
      identity,
      blobs,
      clock,
      peers: transportPeers(['relay'], (me) => nodePeers(url, me)),
      swarms: null,
      random: Math.random,
      agent,
    },
    (event) => {
      onEvent?.(event);
      if (event.type === 'state' && event.state.kind === 'stopped') {
        const { state } = event;
        void compute.close().then(() => {
          tellStopped(state);
        });
      }
    },
  );
  host.start();
  const stop = async (): Promise<void> => {
    host.stop();
    await stopped;
  };
  if (signal?.aborted === true) await stop();
  signal?.addEventListener('abort', () => void stop(), { once: true });
  return {
    get state() {
      return host.state;
    },
    pause: () => {
      host.pause();
    },
    resume: () => {
      host.resume();
    },
    stop,
    stopped,
  };
}
