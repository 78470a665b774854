/**
 * A link as a route holds it: its number at whoever owns it, and what became known when it opened.
 */
import type { PeerClient } from './peerClient.ts';
import type { LinkNumber, LinkSpec } from './peerApi.ts';
import {
  CONNECT_DEADLINE_MS,
  relayUrl,
  type ConnectOptions,
  type PeerAddress,
  type PeerFailure,
  type PeerIdentity,
  type PeerLink,
  type PeerPath,
} from './peerTransport.ts';
import type { LinkEnd } from './linkTypes.ts';
import { fail, ok, type Result } from '../../shared/result.ts';

export function peerLinkHandle(
  client: PeerClient,
  link: LinkNumber,
  path: PeerPath,
  hello: Uint8Array,
): PeerLink {
  return {
    path,
    hello,
    send: (message, options = {}) => client.send(link, message, options),
    ack: (key) => client.tell('ack', link, key),
    release: (key) => client.tell('release', link, key),
    cancel: (key) => client.tell('cancel', link, key),
    stats: () => client.stats(link),
    close: () => client.close(link),
  };
}

export const linkSpec = (options: ConnectOptions): LinkSpec => ({
  lanes: options.lanes ?? 1,
  hello: options.hello,
  openDeadlineMs: options.deadlineMs ?? CONNECT_DEADLINE_MS,
  progress: options.progress ?? false,
  limits: options.limits ?? {},
});

export const noPath = ({ kind, message }: LinkEnd): PeerFailure =>
  kind === 'misbehaved' ? { kind, message } : { kind: 'no-path', message };

/** A link through the relay of the coordinator at `url`: one socket a lane. */
export async function connectRelayed(
  client: PeerClient,
  url: string,
  me: PeerIdentity,
  peer: PeerAddress,
  options: ConnectOptions,
): Promise<Result<PeerLink, PeerFailure>> {
  const spec = linkSpec(options);
  const { link, opened } = client.open(spec, options.events);
  for (let lane = 0; lane < spec.lanes; lane++) {
    client.relay(link, lane, relayUrl(url, me, peer.id, lane));
  }
  const hello = await opened;
  return hello.ok
    ? ok(peerLinkHandle(client, link, 'relayed', hello.value))
    : fail(noPath(hello.error));
}
