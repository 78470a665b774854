/**
 * `GET /v1/peers/{key}/id`: what a PeerJS client asks for that was given no id. It gets one, as any PeerJS server
 * gives it; since nobody admitted it, its socket is then refused in words that the client shows.
 */
import { randomBytes } from 'node:crypto';
import { makePeerId } from '../../../shared/ids.ts';
import { PEERS_PATH } from '../../../shared/protocol/peers.ts';
import { newApp, type App } from './context.ts';

export function peerIdRoutes(): App {
  const app = newApp();
  app.get(`${PEERS_PATH}/:key/id`, (c) =>
    c.text(makePeerId(randomBytes), 200, {
      'Access-Control-Allow-Origin': '*',
      'Cache-Control': 'no-store',
    }),
  );
  return app;
}
