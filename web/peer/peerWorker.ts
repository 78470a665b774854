/**
 * The peer worker's entry: tensor links off the page's thread, and not on that of the compute worker, which a run blocks.
 */
import { realClock } from './clock.ts';
import type { PeerCommand } from './peerApi.ts';
import { PeerService } from './peerService.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

const service = new PeerService({
  clock: realClock,
  openSocket: (url) => new WebSocket(url),
  emit: (event, transfer) => {
    scope.postMessage(event, transfer as Transferable[]);
  },
});

scope.addEventListener('message', ({ data }: MessageEvent<PeerCommand[]>) => {
  for (const command of data) service.handle(command);
});
