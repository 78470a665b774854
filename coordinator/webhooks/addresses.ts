/**
 * Which URLs and addresses an author may have the coordinator post to: without this rule an API key would be a way to
 * whatever is behind the coordinator's firewall. Pure; names are looked up in `nodeWebhooks.ts`.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { WebhookNetworks } from '../../shared/webhookNetworks.ts';

/** What IANA's special-purpose registries (RFC 6890) do not call globally reachable, and multicast. */
const NOT_PUBLIC_V4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);
/** Global unicast is all that IANA has given out; what embeds an address of version 4 is outside of it or taken out. */
const GLOBAL_V6 = blockList('ipv6', ['2000::/3']);
const NOT_PUBLIC_V6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function blockList(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string];
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** False for whatever is no address. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !NOT_PUBLIC_V4.check(address, 'ipv4');
  if (isIP(address) !== 6 || address.includes('%')) return false;
  return GLOBAL_V6.check(address, 'ipv6') && !NOT_PUBLIC_V6.check(address, 'ipv6');
}

export const mayReach = (networks: WebhookNetworks, address: string): boolean =>
  networks === 'private' || (networks === 'public' && isPublicAddress(address));

/** Without the brackets of an IPv6 address. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** The URL, where it may be one of an endpoint as far as it can be read. */
export function webhookUrl(text: string, networks: WebhookNetworks): Result<URL, Problem> {
  if (networks === 'none') return fail(WEBHOOKS_OFF);
  const url = URL.canParse(text) ? new URL(text) : null;
  const schemes = networks === 'private' ? ['https:', 'http:'] : ['https:'];
  if (url === null || !schemes.includes(url.protocol)) {
    const expected = schemes.map((it) => `${it}//…`).join(' or ');
    return fail(refusedUrl('the URL is not one that events are posted to', expected, text));
  }
  if (url.username !== '' || url.password !== '') {
    const detail = 'the URL has a name or password in it';
    return fail(refusedUrl(detail, 'none: events are signed', url.host));
  }
  const host = hostOf(url);
  const isInside =
    isIP(host) === 0
      ? LOOPBACK_NAME.test(host) && networks === 'public'
      : !mayReach(networks, host);
  return isInside ? fail(refusedAddress(host)) : ok(url);
}

/** RFC 6761: of this machine, whatever a name server says. */
const LOOPBACK_NAME = /(^|\.)localhost\.?$/;

export const refusedAddress = (came: string): Problem =>
  refusedUrl(
    'the URL leads to an address that is not public',
    'a public address: this coordinator posts nowhere else',
    came,
  );

const refusedUrl = (detail: string, expected: string, came: string): Problem => ({
  code: 'webhook-url-refused',
  detail,
  field: 'url',
  expected,
  came: came.slice(0, 200),
  fix: 'use another URL; on a network of your own the operator starts it with --webhook-networks private',
});

export const WEBHOOKS_OFF: Problem = {
  code: 'webhooks-off',
  detail: 'this coordinator posts no webhooks',
  fix: 'poll, or ask the operator, who started it with --webhook-networks none',
};
