import type { IncomingHttpHeaders } from 'node:http';
import { expect, it } from 'vitest';
import { Callers } from './callers.ts';
import { isProof, leadProof, memberProof } from './proofs.ts';

const PROOF = memberProof('secret', 'tenure');
const asking = (headers: IncomingHttpHeaders) =>
  ({ socket: { remoteAddress: '10.0.0.7' }, headers: { host: 'h:1', ...headers } }) as never;
const CLAIM = {
  'idlewave-caller-address': '203.0.113.9',
  'idlewave-caller-origin': 'https://idlewave.example',
};

it('a stranger is who its socket, or a trusted proxy, says', () => {
  const direct = new Callers({ publicOrigin: null, trustedProxies: 0 });
  const proxied = new Callers({ publicOrigin: 'https://public.example', trustedProxies: 1 });
  const request = asking({ 'x-forwarded-for': '1.1.1.1, 198.51.100.4', ...CLAIM });
  expect(direct.of(request)).toEqual({ address: '10.0.0.7', origin: 'http://h:1' });
  expect(proxied.of(request)).toEqual({
    address: '198.51.100.4',
    origin: 'https://public.example',
  });
  expect(direct.refusal(request)).toBeNull();
});

it('a member speaks for its callers from when this one leads, with the proof of that tenure', () => {
  const callers = new Callers({ publicOrigin: 'https://other.example', trustedProxies: 1 });
  const request = asking({ 'idlewave-member': PROOF, 'x-forwarded-for': '1.1.1.1', ...CLAIM });
  expect(callers.refusal(request)).toMatchObject({ code: 'not-ready' });
  callers.trustMembers(PROOF);
  expect(callers.refusal(request)).toBeNull();
  expect(callers.of(request)).toEqual({
    address: '203.0.113.9',
    origin: 'https://idlewave.example',
  });
});

it.each([
  '',
  'x',
  PROOF.slice(1),
  `${PROOF}0`,
  `${PROOF}, ${PROOF}`,
  memberProof('secret', 'earlier'),
  memberProof('another', 'tenure'),
  leadProof('secret', 'tenure', ''),
])('what is no proof of the tenure is refused: %j', (proof) => {
  const callers = new Callers({ publicOrigin: null, trustedProxies: 0 });
  callers.trustMembers(PROOF);
  const request = asking({ 'idlewave-member': proof, ...CLAIM });
  expect(callers.refusal(request)).toMatchObject({ code: 'not-ready' });
  expect(callers.of(request)).toEqual({ address: '10.0.0.7', origin: 'http://h:1' });
});

it('a proof is a text of its own length', () => {
  expect([PROOF, undefined, [PROOF], null].map((given) => isProof(given, PROOF))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
