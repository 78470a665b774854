/**
 * Webhooks over Node's own http and https.
 *
 * The name is looked up here, each address is judged, and the connection goes to those that were judged and to no other:
 * a name that changes between two look-ups gains nothing. Redirects are not followed, and no proxy is asked.
 */
import { Resolver, lookup } from 'node:dns/promises';
import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, isIPv4, type LookupFunction } from 'node:net';
import { MAX_WEBHOOK_ANSWER_BYTES, WEBHOOK_DEADLINE_MS } from '../../shared/webhookLimits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { messageOf } from '../../shared/result.ts';
import type { WebhookNetworks } from '../../shared/webhookNetworks.ts';
import { hostOf, mayReach, refusedAddress, webhookUrl } from './addresses.ts';
import type { WebhookAnswer, WebhookPost, WebhookTransport } from './transport.ts';

/** The addresses of a host; rejects where there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const nodeWebhooks = (
  networks: WebhookNetworks,
  resolve: Resolve = networks === 'private' ? systemAddresses : publicAddresses,
): WebhookTransport => {
  const addressesOf = async (host: string): Promise<readonly string[]> =>
    isIP(host) === 0 ? resolve(host) : [host];
  return {
    async problemOf(text) {
      const url = webhookUrl(text, networks);
      if (!url.ok) return url.error;
      // A name that is not known may be by the time of the first event.
      const addresses = await addressesOf(hostOf(url.value)).catch(() => null);
      if (addresses === null || addresses.some((it) => mayReach(networks, it))) return null;
      // Which ones is not told: a name may be one that only the coordinator's own network knows.
      return refusedAddress(hostOf(url.value));
    },
    async post(post, closed) {
      // Not `AbortSignal.any`: Node keeps something of each for as long as `closed` lives.
      const over = new AbortController();
      const { signal } = over;
      const end = (): void => over.abort(closed.reason);
      const timer = setTimeout(() => over.abort(), WEBHOOK_DEADLINE_MS);
      if (closed.aborted) end();
      closed.addEventListener('abort', end);
      try {
        const url = webhookUrl(post.url, networks);
        if (!url.ok) return unanswered(url.error);
        const host = hostOf(url.value);
        const found = await unlessAborted(addressesOf(host), signal);
        const addresses = found.filter((it) => mayReach(networks, it));
        if (addresses.length === 0) return unanswered(refusedAddress(host));
        return { kind: 'answered', status: await posted(url.value, post, addresses, signal) };
      } catch (thrown) {
        const late = signal.aborted && !closed.aborted;
        const why = late ? `no answer within ${WEBHOOK_DEADLINE_MS / 1_000} s` : messageOf(thrown);
        return { kind: 'unanswered', why };
      } finally {
        clearTimeout(timer);
        closed.removeEventListener('abort', end);
      }
    },
  };
};

/** The status; settles when the connection has ended, after the answer or by the signal. */
function posted(
  url: URL,
  { headers, payload }: WebhookPost,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const body = Buffer.from(payload);
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': body.byteLength,
      'user-agent': 'Idlewave-Webhooks/1',
      ...headers,
    },
    lookup: pinnedTo(addresses),
    // A connection of its own: a kept one would be to an address that was judged for another attempt.
    agent: false,
    signal,
  };
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
  return new Promise((resolve, reject) => {
    let status: number | null = null;
    let error = new Error('the connection was closed without an answer');
    request.on('response', (answer) => {
      status = answer.statusCode ?? 0;
      let bytes = 0;
      answer.on('data', (part: Buffer) => {
        bytes += part.byteLength;
        if (bytes > MAX_WEBHOOK_ANSWER_BYTES) answer.destroy();
      });
      // Its status has come: how the rest of it ends changes nothing.
      answer.on('error', () => undefined);
    });
    request.on('upgrade', ({ statusCode = 0 }, socket) => {
      status = statusCode;
      socket.destroy();
    });
    request.on('error', (thrown) => (error = thrown));
    request.on('close', () => {
      if (status === null) reject(error);
      else resolve(status);
    });
    request.end(body);
  });
}

/** Node asks for all addresses, or for one. */
const pinnedTo = (addresses: readonly string[]): LookupFunction => {
  const found = addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }));
  return (_host, { all }, tell) => {
    if (all === true) tell(null, found);
    else tell(null, found[0]!.address, found[0]!.family);
  };
};

const DNS_TIMEOUT_MS = 3_000;

/**
 * Asked over the network: the system's own look-up has two threads for all names, and one name server that does not answer
 * would hold up every other endpoint.
 */
async function publicAddresses(host: string): Promise<readonly string[]> {
  const dns = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 });
  const [v4, v6] = await Promise.allSettled([dns.resolve4(host), dns.resolve6(host)]);
  const found = [v4, v6].flatMap((it) => (it.status === 'fulfilled' ? it.value : []));
  if (found.length === 0)
    throw v4.status === 'rejected' ? v4.reason : new Error(`${host} is empty`);
  return found;
}

/** As this machine has it, its own names included. */
async function systemAddresses(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([work, aborted]);
}

function unanswered({ detail, expected, came }: Problem): WebhookAnswer {
  const parts = [detail, expected && `expected ${expected}`, came && `came ${came}`];
  return { kind: 'unanswered', why: parts.filter(Boolean).join('; ') };
}
