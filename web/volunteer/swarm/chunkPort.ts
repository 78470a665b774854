/**
 * How a host reaches its neighbours in swarms: the port, in this folder's words. Types only.
 *
 * A tab has WebRTC (transportChunks.ts); tests have memory (memoryChunks.ts). Nothing here ever goes through the
 * coordinator: what it relayed it might as well have sent itself.
 */
import type { PeerId } from '../../../shared/ids.ts';
import type { ChunkMessage, SwarmPlace } from '../../../shared/protocol/swarm.ts';
import type { Result } from '../../../shared/result.ts';

export interface ChunkLink {
  /** In order. Ends when it is on its way within what the other end has room for; false where the link has ended. */
  send(message: ChunkMessage, bytes?: Uint8Array): Promise<boolean>;
  close(): void;
}

export interface ChunkLinkHandlers {
  /** Not checked; `bytes` are the handler's, null where there are none. */
  onMessage(message: unknown, bytes: Uint8Array | null): void;
  /** Once, after it was open; nothing comes after it. */
  onEnd(): void;
}

export interface ChunkPresence {
  /** One of the two calls, the other waits for it. Ends with the reason where no direct path leads there. */
  meet(
    peer: PeerId,
    calls: boolean,
    handlers: ChunkLinkHandlers,
  ): Promise<Result<ChunkLink, string>>;
  /** Ends all links, also those that are being made. */
  leave(): void;
}

export interface ChunkPort {
  enter(self: SwarmPlace['self'], iceServers: SwarmPlace['iceServers']): ChunkPresence;
}
