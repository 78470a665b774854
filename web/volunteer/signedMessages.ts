/** What a host's key signs on a link: who it is, and what it has computed. */
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  commitText,
  helloText,
  LINK_VERSION,
  type HostMessage,
} from '../../shared/protocol/link.ts';
import type { UnsignedCommit } from './delivery.ts';
import type { HostPorts, Identity } from './ports.ts';

type Speaker = Pick<HostPorts, 'identity' | 'compute' | 'peers' | 'agent' | 'site' | 'region'>;

/** Answers the challenge of one link. Rejects where the engines or the key cannot be had. */
export async function signedHello(
  { identity, compute, peers, agent, site = null, region }: Speaker,
  origin: string,
  nonce: string,
): Promise<HostMessage> {
  const facts = await compute.facts();
  const { host, publicKey } = identity;
  const told = region?.() ?? null;
  const signature = await identity.sign(helloText(origin, nonce, host));
  return {
    type: 'hello',
    version: LINK_VERSION,
    publicKey,
    host,
    origin,
    nonce,
    signature: bytesToHex(signature),
    capabilities: {
      ...facts,
      engines: [...facts.engines],
      ...(peers === null ? {} : { peers: [...peers.ways] }),
      ...(told === null ? {} : { region: told }),
    },
    agent,
    ...(site === null ? {} : { site }),
  };
}

/** In hex. */
export const signatureOf = async (
  identity: Pick<Identity, 'sign'>,
  origin: string,
  commit: UnsignedCommit,
): Promise<string> => bytesToHex(await identity.sign(commitText(origin, commit)));
