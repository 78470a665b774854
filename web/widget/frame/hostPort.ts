/** The page around the frame: what it is told, and how it wants the frame to look. Nothing else it says is heard. */
import { enveloped, readLook, type FrameMessage, type LookMessage } from '../messages.ts';

export interface HostPort {
  tell(message: FrameMessage): void;
}

/** `host`: the page's origin, as the browser made sure of it by `frame-ancestors`. */
export function hostPort(host: string, onLook: (look: LookMessage) => void): HostPort {
  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== parent || origin !== host) return;
    const look = readLook(data);
    if (look !== null) onLook(look);
  });
  return {
    tell: (message) => {
      parent.postMessage(enveloped(message), host);
    },
  };
}
