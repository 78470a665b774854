/**
 * The link of a browser host, over the browser's WebSocket.
 */
import type { ConnectLink } from './ports.ts';

export const connectBrowserLink: ConnectLink = (url, handlers) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) => {
    if (typeof event.data === 'string') handlers.onText(event.data);
    else handlers.onBinary(new Uint8Array(event.data));
  });
  // An error is always followed by `close`.
  socket.addEventListener('close', () => {
    handlers.onClose();
  });
  return {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(message as string | Uint8Array<ArrayBuffer>);
      return true;
    },
    close() {
      socket.close();
    },
  };
};
