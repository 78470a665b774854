/**
 * Where a host comes from, and the cohort it counts to: hosts of one cohort never check each other, because one
 * network is most often one household or one operator.
 */
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { CohortRule } from '../../../shared/cohortRule.ts';
import type { ContributorId } from '../../../shared/ids.ts';
import { hmacSha256 } from '../../digest.ts';

/** Of the hash that a cohort is named by: two networks in a million million share a name. */
const NAME_BYTES = 8;

/**
 * A /24 of IPv4 or a /48 of IPv6 is one network. Its cohort is named by a hash with the coordinator's secret: it is
 * kept with every assignment, and addresses of people are kept nowhere.
 */
export function cohortOf(
  rule: CohortRule,
  address: string,
  contributor: ContributorId,
  secret: string,
): string {
  const network = networkOf(rule, address);
  if (network === null) return contributor;
  const name = Buffer.from(hmacSha256(secret, `cohort ${network}`).subarray(0, NAME_BYTES));
  return `net:${name.toString('hex')}`;
}

/** Null where a contributor is a cohort by itself. */
function networkOf(rule: CohortRule, address: string): string | null {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  if (rule === 'contributor' || (rule === 'auto' && PRIVATE.test(plain))) return null;
  if (isIPv4(plain)) return `net4:${plain.split('.').slice(0, 3).join('.')}`;
  if (isIPv6(plain)) return `net6:${expandIPv6(plain).slice(0, 3).join(':')}`;
  return null;
}

const PRIVATE = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i;

/** The eight groups of an IPv6 address. */
function expandIPv6(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return tail === undefined ? left : [...left, ...zeros, ...right];
}

/**
 * The address of whoever is behind `trustedProxies` proxies, each of which appends to X-Forwarded-For the address
 * that it was called from. What a stranger wrote into the header stands further left, and is never looked at.
 */
export function addressOf(
  request: Pick<IncomingMessage, 'socket' | 'headers'>,
  trustedProxies: number,
): string {
  const nearest = request.socket.remoteAddress ?? 'unknown';
  if (trustedProxies === 0) return nearest;
  const forwarded = request.headers['x-forwarded-for'];
  const listed = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',');
  const claimed = listed.at(-trustedProxies)?.trim() ?? '';
  return isIP(claimed) === 0 ? nearest : claimed;
}
