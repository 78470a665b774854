/**
 * Where a tab gets models from: its cache, other tabs where the browser has WebRTC, the coordinator.
 *
 * Nothing is passed on where the line costs its owner money, as far as the browser knows.
 */
import { httpBlobSource } from '../volunteer/blobs.ts';
import { browserBlobCache } from '../volunteer/browserBlobCache.ts';
import type { EmitHostEvent } from '../volunteer/events.ts';
import type { BlobSource, Clock, Swarming } from '../volunteer/ports.ts';
import { httpChunkFeed } from '../volunteer/swarm/chunkFeed.ts';
import { Swarms } from '../volunteer/swarm/swarms.ts';
import { UploadBudget, type UploadRecord } from '../volunteer/swarm/uploadBudget.ts';
import { meteredFetch, type DataMeter } from './controls/dataMeter.ts';
import { browserChunks } from './browserRoutes.ts';

export interface BrowserBlobs {
  readonly blobs: BlobSource;
  readonly swarms: Swarming | null;
}

export function browserBlobs(
  url: string,
  clock: Clock,
  meter: DataMeter,
  isBarred: () => boolean,
  emit: EmitHostEvent,
): BrowserBlobs {
  const { origin } = new URL(url);
  const cache = browserBlobCache();
  const http = meteredFetch(meter, isBarred, (input, init) => fetch(input, init));
  let countedBytes = 0;
  const whole = httpBlobSource({ origin, cache, clock, random: Math.random, fetch: http });
  const chunks = browserChunks(url);
  if (chunks === null) return { blobs: whole, swarms: null };
  const swarms = new Swarms({
    whole,
    // Blobs have a cache of their own; the browser's lets parts of one thing come only one after the other.
    feed: httpChunkFeed({
      origin,
      clock,
      fetch: (input, init) => http(input, { ...init, cache: 'no-store' }),
    }),
    cache,
    chunks,
    clock,
    wallMs: () => Date.now(),
    random: Math.random,
    budget: new UploadBudget(uploadRecord()),
    mayUpload: () => !isMetered(),
    onTraffic: (fromPeers, toPeers) => {
      meter.add(fromPeers + toPeers - countedBytes);
      countedBytes = fromPeers + toPeers;
      emit({ type: 'chunks', fromPeers, toPeers });
    },
  });
  return { blobs: swarms, swarms };
}

/** Network Information, which not every browser has. */
interface ConnectionFacts {
  readonly saveData?: boolean;
  readonly type?: string;
}

function isMetered(): boolean {
  const { connection } = navigator as { connection?: ConnectionFacts };
  return connection?.saveData === true || connection?.type === 'cellular';
}

const KEY = 'idlewave-upload';

/** In the browser's storage; where there is none, for as long as the page lives. */
function uploadRecord(): UploadRecord {
  let last: ReturnType<UploadRecord['read']> = null;
  return {
    read() {
      try {
        const [day, bytes] = (localStorage.getItem(KEY) ?? '').split(' ').map(Number);
        if (Number.isInteger(day) && Number.isInteger(bytes)) return { day: day!, bytes: bytes! };
      } catch {
        // Storage is switched off.
      }
      return last;
    },
    write(record) {
      last = record;
      try {
        localStorage.setItem(KEY, `${record.day} ${record.bytes}`);
      } catch {
        // Storage is switched off, or full.
      }
    },
  };
}
