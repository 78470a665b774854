/**
 * A site whose pages are peers: the sources bundled as a page has them, worker included, with the signalling server of
 * the `peer` package and a relay, all on loopback.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { PeerServer } from 'peer';
import { build } from 'vite';
import { assert } from '../../shared/result.ts';
import type { SignallingServer } from '../../web/peer/peerNode.ts';
import { startTestRelay } from '../../web/peer/testing/nodeTestRelay.ts';

export interface PeerSite {
  readonly url: string;
  readonly signalling: SignallingServer;
  /** Bytes that the relay has carried. */
  readonly relayedBytes: () => number;
  stop(): void;
}

const PAGE = `<!doctype html><title>peer</title><script type="module" src="/page.js"></script>`;
const KEY = 'idlewave';

export async function startPeerSite(): Promise<PeerSite> {
  const files = await bundledPage();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname;
    const body = path === '/' ? PAGE : files.get(path);
    response.setHeader('content-type', path === '/' ? 'text/html' : 'text/javascript');
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  const relay = await startTestRelay(server);
  const listening = await new Promise<Server>((resolve) => {
    PeerServer({ port: 0, host: '127.0.0.1', path: '/', key: KEY }, resolve);
  });
  const { port } = listening.address() as AddressInfo;
  return {
    url: relay.url,
    signalling: { host: '127.0.0.1', port, path: '/', key: KEY, secure: false, iceServers: [] },
    relayedBytes: relay.bytes,
    stop() {
      relay.close();
      listening.close();
      for (const each of [server, listening]) each.closeAllConnections();
    },
  };
}

/** The built files by their path; the entry is `/page.js`. */
async function bundledPage(): Promise<Map<string, string | Uint8Array>> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('.', import.meta.url)),
    worker: { format: 'es' },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL('peersInPage.ts', import.meta.url)),
        output: { entryFileNames: 'page.js' },
      },
    },
  });
  assert('output' in built, 'bundledPage: one build, not watched');
  return new Map(
    built.output.map((file) => [
      `/${file.fileName}`,
      file.type === 'chunk' ? file.code : file.source,
    ]),
  );
}
