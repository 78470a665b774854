/**
 * Where a page's links live: in a worker, or on the page itself where channels cannot be moved.
 */
import { messageOf } from '../../shared/result.ts';
import { realClock } from './clock.ts';
import type { PeerEndpoint, PeerEvent } from './peerApi.ts';
import { PeerService } from './peerService.ts';
import type { AnySocket } from './socketByteChannel.ts';

export function spawnPeerWorker(): PeerEndpoint {
  const worker = new Worker(new URL('./peerWorker.ts', import.meta.url), {
    type: 'module',
    name: 'idlewave-peer',
  });
  return {
    post(commands, transfer) {
      worker.postMessage(commands, transfer);
    },
    listen(onEvent, onDeath) {
      worker.addEventListener('message', ({ data }: MessageEvent<PeerEvent>) => {
        onEvent(data);
      });
      worker.addEventListener('error', ({ message }) => {
        // Without a message the script itself could not be loaded.
        onDeath(message ? messageOf(message) : 'its script could not be loaded');
      });
      worker.addEventListener('messageerror', () => {
        onDeath('a message could not be read');
      });
    },
    terminate() {
      worker.terminate();
    },
  };
}

/** In this thread. Events come later, as a worker's do. */
export function localEndpoint(openSocket: (url: string) => AnySocket): PeerEndpoint {
  let onEvent: (event: PeerEvent) => void = () => undefined;
  const service = new PeerService({
    clock: realClock,
    openSocket,
    emit: (event) => {
      queueMicrotask(() => {
        onEvent(event);
      });
    },
  });
  return {
    post(commands) {
      for (const command of commands) service.handle(command);
    },
    listen(listener) {
      onEvent = listener;
    },
    terminate: () => undefined,
  };
}

/** Whether this browser lets a data channel leave the page: tried once, on a channel of no connection. */
export function canMoveChannels(): boolean {
  const connection = new RTCPeerConnection();
  try {
    const channel = connection.createDataChannel('probe');
    structuredClone(channel, { transfer: [channel as unknown as Transferable] });
    return true;
  } catch {
    return false;
  } finally {
    connection.close();
  }
}
