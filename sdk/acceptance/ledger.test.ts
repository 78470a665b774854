/**
 * Credit of authors on a coordinator at work: what a key has is what it can spend, whoever asks at once; a job's price
 * is put aside, paid out and given back; and every account is what the public log adds up to.
 */
import { expect, onTestFinished, test } from 'vitest';
import { NO_POSTGRES } from '../../coordinator/store/testing/postgres.ts';
import { IdlewaveClient, IdlewaveError } from '../client.ts';
import { Coordinators } from './testing/coordinators.ts';
import { CoordinatorProcess, runIdlewave } from './testing/idlewaveProcess.ts';
import { kernelJob } from './testing/kernelJob.ts';
import { startTestHost } from './testing/testHost.ts';

const SHARDS = 6;
const JOB = { items: 2 * SHARDS, itemsPerShard: 2, samplesPerItem: 100_000, seed: 1 };
const PAIR = { verification: { kind: 'quorum', quorum: 2 } } as const;

async function coordinator(): Promise<CoordinatorProcess> {
  const started = await CoordinatorProcess.start();
  onTestFinished(() => started.stop());
  return started;
}

/** A key that has so much to spend. */
async function prepaid(of: CoordinatorProcess, microCredits: bigint) {
  const operator = of.client();
  const { id, key } = await operator.createKey('prepaid', { prepaid: true });
  if (microCredits > 0n) await operator.grant(id, microCredits);
  return { id, client: new IdlewaveClient({ url: of.url, key }) };
}

const balanceOf = async (client: IdlewaveClient): Promise<bigint> =>
  BigInt((await client.balance()).microCredits);

const codeOf = (thrown: unknown): string => {
  if (thrown instanceof IdlewaveError) return thrown.problem.code;
  throw thrown;
};

async function expectVerified(url: string): Promise<void> {
  const { code, stdout, stderr } = await runIdlewave(['ledger', 'verify', '--url', url]);
  expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('all right')]);
}

test('200 spend one balance at once through four coordinators: exactly those who find something left succeed', async ({
  skip,
}) => {
  const all = (await Coordinators.start(4)) ?? skip(NO_POSTGRES);
  onTestFinished(() => all.stop());
  const [first] = all.processes;
  const { client: receiver, id: to } = await prepaid(first!, 0n);
  const { key, id } = await first!.client().createKey('spender', { prepaid: true });
  await first!.client().grant(id, 73_005n);
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, i) => {
      const { url } = all.processes[i % 4]!;
      const client = new IdlewaveClient({ url, key });
      return client.transfer(`author:${to}`, 1_000n).then(() => 'transferred', codeOf);
    }),
  );
  expect(outcomes.filter((outcome) => outcome === 'transferred')).toHaveLength(73);
  expect(outcomes.filter((outcome) => outcome === 'balance-too-small')).toHaveLength(127);
  expect(await balanceOf(receiver)).toBe(73_000n);
  expect(await balanceOf(new IdlewaveClient({ url: all.processes[3]!.url, key }))).toBe(5n);
  await expectVerified(all.processes[2]!.url);
});

test('jobs posted at once are taken as far as the balance goes, and each puts its price aside once', async () => {
  const started = await coordinator();
  const options = { ...kernelJob(JOB), ...PAIR };
  const price = BigInt((await started.client().estimate(options)).price);
  const { client } = await prepaid(started, 3n * price + 1n);
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      // Every second one is asked for twice under one key.
      client.submit({ ...options, idempotencyKey: `job ${i >> 1}` }).then(({ id }) => id, codeOf),
    ),
  );
  const refused = outcomes.filter((outcome) => outcome === 'balance-too-small');
  const jobs = new Set(outcomes.filter((outcome) => outcome.startsWith('job_')));
  expect([jobs.size, refused.length]).toEqual([3, 2]);
  expect(await balanceOf(client)).toBe(1n);
  for (const id of jobs) await (await client.job(id)).cancel();
  expect(await balanceOf(client)).toBe(3n * price + 1n);
  await expectVerified(started.url);
});

test('a price is put aside, paid for what is right, and the rest comes back', async () => {
  const started = await coordinator();
  const options = { ...kernelJob(JOB), ...PAIR };
  const price = BigInt((await started.client().estimate(options)).price);
  const { id, client } = await prepaid(started, 2n * price);
  const done = await client.submit(options);
  expect(await balanceOf(client)).toBe(price);
  const hosts = [await startTestHost(started.url), await startTestHost(started.url)];
  expect(await done.done()).toMatchObject({ state: 'done', granted: price.toString() });
  for (const host of hosts) await host.stop();
  const cancelled = await client.submit({ ...options, name: 'cancelled' });
  expect(await client.submit({ ...options, name: 'too much' }).then(String, codeOf)).toBe(
    'balance-too-small',
  );
  await cancelled.cancel();
  expect(await balanceOf(client)).toBe(price);

  const { rows } = await client.movements();
  expect(rows.map(({ kind, job, microCredits }) => [kind, job, BigInt(microCredits)])).toEqual([
    ['refund', cancelled.id, price],
    ['escrow', cancelled.id, price],
    ['escrow', done.id, price],
    ['grant', undefined, 2n * price],
  ]);
  const earned = await started.client().leaderboard();
  expect(earned.map(({ microCredits }) => BigInt(microCredits))).toEqual([price / 2n, price / 2n]);
  // What a volunteer has can be added to, and is told.
  await client.transfer(`contributor:${earned[0]!.id}`, 7n);
  const { balance } = await client.contributor(earned[0]!.id);
  expect(BigInt(balance)).toBe(price / 2n + 7n);
  expect(await client.transfer('contributor:c_nobody', 1n).then(String, codeOf)).toBe(
    'account-unknown',
  );
  expect(await client.transfer(`author:${id}`, 1n).then(String, codeOf)).toBe('invalid-field');
  await started.kill9();
  await started.restart();
  expect(await balanceOf(client)).toBe(price - 7n);
  await expectVerified(started.url);
});

test('the command line makes, fills and shows prepaid keys', async () => {
  const started = await coordinator();
  const created = await started.command('keys', 'create', 'ada', '--credits', '2.5', '--json');
  const { id, key } = JSON.parse(created.stdout) as { id: string; key: string };
  expect((await started.command('keys', 'grant', id, '1')).stdout).toContain(
    'Granted 1.00 credits',
  );
  expect((await started.command('keys', 'ls')).stdout).toMatch(/CREDITS[\s\S]*3\.50/);
  const own = (...args: string[]) =>
    runIdlewave(['credits', ...args, '--url', started.url], { IDLEWAVE_KEY: key });
  expect((await own('show')).stdout).toBe('3.50 credits\n');
  expect((await own('transfer', 'author:operator', '0.5')).stdout).toContain('Transferred 0.50');
  const listed = (await own('ls')).stdout;
  expect(listed).toMatch(/-0\.50 +transferred +author:operator/);
  expect(listed).toMatch(/\+2\.50 +granted +issuance/);
  const tooMuch = await own('transfer', 'author:operator', '4');
  expect([tooMuch.code === 0, tooMuch.stderr]).toEqual([
    false,
    expect.stringContaining('has less'),
  ]);
});
