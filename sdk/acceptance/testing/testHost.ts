/**
 * A volunteer in the test's own process: the production host with Node's socket, key and engines, and a
 * record of all it was told. A liar is the same host with another engine.
 *
 * Differs from `nodeHost.ts` only in that engine, socket and key may be others' and a reconnect may be hurried.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { merkleTree } from '../../../shared/merkle.ts';
import { itemChunks } from '../../../shared/program.ts';
import { ok } from '../../../shared/result.ts';
import type { Tensor } from '../../../shared/tensor.ts';
import type { Compute, Computed } from '../../../web/compute/api.ts';
import { httpBlobSource } from '../../../web/volunteer/blobs.ts';
import type { HostEvent } from '../../../web/volunteer/events.ts';
import { Host } from '../../../web/volunteer/host.ts';
import { memoryBlobCache } from '../../../web/volunteer/memoryBlobCache.ts';
import { nodeCompute } from '../../../web/volunteer/nodeCompute.ts';
import { nodeIdentity } from '../../../web/volunteer/nodeIdentity.ts';
import { connectNodeLink } from '../../../web/volunteer/nodeSocket.ts';
import type { Clock, ConnectLink, Identity, PeerPort } from '../../../web/volunteer/ports.ts';
import { httpChunkFeed } from '../../../web/volunteer/swarm/chunkFeed.ts';
import type { ChunkPort } from '../../../web/volunteer/swarm/chunkPort.ts';
import { Swarms } from '../../../web/volunteer/swarm/swarms.ts';
import { UploadBudget } from '../../../web/volunteer/swarm/uploadBudget.ts';

const clock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

export interface TestHost {
  readonly events: readonly HostEvent[];
  /** The contributor's id; known from the first welcome on. */
  readonly contributor: string;
  eventsOf<T extends HostEvent['type']>(type: T): Extract<HostEvent, { type: T }>[];
  /** Resolves at the next event of this type. */
  next(type: HostEvent['type']): Promise<void>;
  /** A retry that is due later is made now. */
  hurry(): void;
  /** As its person would: leases go back, the link stays. */
  pause(): void;
  resume(): void;
  /** Gives back what it holds. */
  stop(): Promise<void>;
}

export interface TestHostOptions {
  /** Node's where absent. */
  readonly connect?: ConnectLink;
  /** A new one where absent. */
  readonly identity?: Identity;
  readonly agent?: string;
  /** How it reaches others on a route; not at all where absent. */
  readonly peers?: PeerPort;
  /** How it reaches neighbours in swarms; it is in none where absent. */
  readonly chunks?: ChunkPort;
}

/** Resolves when the coordinator has welcomed it. */
export async function startTestHost(
  url: string,
  engine: (honest: Compute) => Compute = (honest) => honest,
  options: TestHostOptions = {},
): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), 'idlewave-host-'));
  const compute = engine(nodeCompute());
  const cache = memoryBlobCache();
  const { origin } = new URL(url);
  const whole = httpBlobSource({ origin, cache, clock, random: Math.random, fetch });
  const swarms =
    options.chunks === undefined
      ? null
      : new Swarms({
          whole,
          feed: httpChunkFeed({ origin, clock, fetch }),
          cache,
          chunks: options.chunks,
          clock,
          wallMs: () => Date.now(),
          random: Math.random,
          budget: new UploadBudget({ read: () => null, write: () => undefined }),
          mayUpload: () => true,
          onTraffic: () => undefined,
        });
  const blobs = swarms ?? whole;
  const identity = options.identity ?? (await nodeIdentity(join(folder, 'key')));
  const events: HostEvent[] = [];
  const waiters = new Set<(event: HostEvent) => void>();
  const host = new Host(
    {
      url,
      connect: options.connect ?? connectNodeLink,
      compute,
      identity,
      blobs,
      clock,
      peers: options.peers ?? null,
      swarms,
      random: Math.random,
      agent: options.agent ?? 'idlewave-acceptance',
    },
    (event) => {
      events.push(event);
      for (const waiter of waiters) waiter(event);
    },
  );
  const eventsOf = <T extends HostEvent['type']>(type: T) =>
    events.filter((event): event is Extract<HostEvent, { type: T }> => event.type === type);
  const next = (type: HostEvent['type']): Promise<void> =>
    new Promise((resolve) => {
      const waiter = (event: HostEvent): void => {
        if (event.type !== type) return;
        waiters.delete(waiter);
        resolve();
      };
      waiters.add(waiter);
    });
  const welcomed = next('welcomed');
  host.start();
  await welcomed;
  return {
    events,
    get contributor() {
      return eventsOf('welcomed')[0]!.contributor;
    },
    eventsOf,
    next,
    hurry: () => {
      host.retryNow();
    },
    pause: () => {
      host.pause();
    },
    resume: () => {
      host.resume();
    },
    async stop() {
      host.stop();
      await compute.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Computes like the honest engine, one task after another, and takes at least so long for an item. */
export function paced(honest: Compute, msPerItem: number): Compute {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    facts: () => honest.facts(),
    load: (source) => honest.load(source),
    run(task, onProgress) {
      const running = turn.then(async () => {
        const startedMs = performance.now();
        const computed = await honest.run(task, onProgress);
        await sleep(msPerItem * task.items.length - (performance.now() - startedMs));
        const computeMs = performance.now() - startedMs;
        return computed.ok ? ok({ ...computed.value, computeMs }) : computed;
      });
      turn = running.catch(() => undefined);
      return running;
    },
    cancel: (id) => {
      honest.cancel(id);
    },
    setDuty: (duty) => {
      honest.setDuty(duty);
    },
    bareLoop: (task, items) => honest.bareLoop(task, items),
    close: () => honest.close(),
  };
}

/** Computes like the honest engine, then changes one byte of every item, committed to as it is. */
export function lying(honest: Compute): Compute {
  return {
    facts: () => honest.facts(),
    load: (source) => honest.load(source),
    async run(task, onProgress) {
      const computed = await honest.run(task, onProgress);
      return computed.ok ? ok(spoiled(computed.value, task.items.length)) : computed;
    },
    cancel: (id) => {
      honest.cancel(id);
    },
    setDuty: (duty) => {
      honest.setDuty(duty);
    },
    bareLoop: (task, items) => honest.bareLoop(task, items),
    close: () => honest.close(),
  };
}

function spoiled(computed: Computed, items: number): Computed {
  const outputs: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(computed.outputs)) {
    const bytes = new Uint8Array(tensor.bytes);
    const itemBytes = bytes.length / items;
    // A middle byte of a little-endian number: plausible and finite, and wrong by more than any rounding.
    for (let item = 0; item < items; item++) bytes[item * itemBytes + 2]! ^= 0x40;
    outputs[name] = { ...tensor, bytes };
  }
  return { ...computed, outputs, tree: merkleTree(itemChunks(outputs, items)) };
}
