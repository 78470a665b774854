/**
 * The worker in which a page's links live, and whether channels can be moved there. On the page itself: localEndpoint.ts.
 */
import { messageOf } from '../../shared/result.ts';
import type { PeerEndpoint, PeerEvent } from './peerApi.ts';

export function spawnPeerWorker(): PeerEndpoint {
  const worker = new Worker(new URL('./peerWorker.ts', import.meta.url), {
    type: 'module',
    name: 'idlewave-peer',
  });
  return {
    post(commands, transfer) {
      worker.postMessage(commands, transfer as Transferable[]);
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
