/** Links in the thread that asks for them: of a Node process, or of a page that cannot move channels to a worker. */
import { realClock } from './clock.ts';
import type { PeerEndpoint, PeerEvent } from './peerApi.ts';
import { PeerService } from './peerService.ts';
import type { AnySocket } from './socketByteChannel.ts';

/** Events come later, as a worker's do. */
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
