/**
 * The link of a Node host, over `ws`.
 */
import WebSocket from 'ws';
import { MAX_FRAME_BYTES } from '../../shared/limits.ts';
import type { ConnectLink } from './ports.ts';

/** Longer than a coordinator takes to answer on any line that could carry work. */
const OPEN_DEADLINE_MS = 15_000;

const openSocket = (url: string): WebSocket =>
  new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: OPEN_DEADLINE_MS,
    maxPayload: MAX_FRAME_BYTES,
  });

export const connectNodeLink: ConnectLink = (url, handlers) => linkOver(openSocket(url), handlers);

export function linkOver(
  socket: WebSocket,
  handlers: Parameters<ConnectLink>[1],
): ReturnType<ConnectLink> {
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer, isBinary) => {
    // A Buffer may lie anywhere in Node's pool; a copy is aligned, so that tensors decode as views.
    if (isBinary) handlers.onBinary(new Uint8Array(data));
    else handlers.onText(data.toString('utf8'));
  });
  // An error is always followed by `close`.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    handlers.onClose();
  });
  return {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(message);
      return true;
    },
    close() {
      socket.close();
    },
  };
}
