import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { answerLeadCheck, reachLead } from './leadCheck.ts';
import { Callers } from './callers.ts';
import { memberProof } from './proofs.ts';

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const TENURE = { id: 'tenure', secret: 'secret' };

/** A lead of that tenure. */
async function lead(tenure = TENURE): Promise<string> {
  const callers = new Callers({ publicOrigin: null, trustedProxies: 0 });
  callers.trustMembers(memberProof(tenure.secret, tenure.id));
  return served((request, response) => {
    if (!answerLeadCheck(request, response, callers, tenure)) response.writeHead(404).end();
  });
}

it('the lead of the tenure is known, and answers nobody else', async () => {
  const address = await lead();
  expect(await reachLead(address, TENURE)).toEqual({ ok: true, value: undefined });
  const challenge = '0'.repeat(64);
  const proof = { 'idlewave-member': memberProof('secret', 'tenure') };
  for (const [path, headers] of [
    [`/v1/lead?challenge=${challenge}`, {}],
    [`/v1/lead?challenge=${challenge}`, { 'idlewave-member': 'x' }],
    ['/v1/lead?challenge=', proof],
    [`/v1/lead?challenge=${challenge}0`, proof],
    ['/v1/lead', proof],
    [`/v1/leads?challenge=${challenge}`, proof],
  ] as const) {
    const answer = await fetch(address + path, { headers });
    expect([answer.status, answer.headers.get('idlewave-lead')]).toEqual([404, null]);
  }
});

it('one of another tenure or store, or one that repeats what it heard, is not', async () => {
  const others = [await lead({ ...TENURE, id: 'next' }), await lead({ ...TENURE, secret: 'x' })];
  const echo = await served(({ headers, url }, response) => {
    const said = String(headers['idlewave-member']) + String(url);
    response.writeHead(204, { 'idlewave-lead': said }).end();
  });
  const redirect = await served((_, response) => {
    void lead().then((location) => response.writeHead(307, { location }).end());
  });
  for (const address of [...others, echo, redirect]) {
    const reached = await reachLead(address, TENURE);
    expect(reached).toMatchObject({ ok: false });
    expect(!reached.ok && reached.error).toContain('somebody else answers there');
  }
});

it('nobody there is told as that', async () => {
  const reached = await reachLead('http://127.0.0.1:1', TENURE);
  expect(!reached.ok && reached.error).toMatch(/^it does not answer \(/);
});
