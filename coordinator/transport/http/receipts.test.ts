/** Following a credit, and work that earned nothing, over HTTP and without a key. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  receiptSchema,
  shardViewSchema,
  type Receipt,
  type ShardView,
} from '../../../shared/protocol/receipts.ts';
import { contributorIdOf } from '../link/proof.ts';
import { HttpRig } from '../testing/httpRig.ts';
import { makeKeyPair } from '../testing/linkRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const anybody = { key: null } as const;

it('a malformed report and a right one are both in the listing, and lead to the shard', async () => {
  const keys = [makeKeyPair(), makeKeyPair()];
  const ids = keys.map(({ publicKey }) => contributorIdOf(publicKey));
  const job = await http.post({ items: 1, verification: { kind: 'quorum', quorum: 1 } });
  const broken = await http.links.welcomed(1, 'host_1', keys[0]);
  await broken.say({
    type: 'compute-error',
    assignment: broken.assignments[0]!.message.assignment,
    code: 'out-of-memory',
    message: 'no memory for item 3',
  });
  const shard = `${job.id}.0`;
  expect(await http.json(`/v1/shards/${shard}`, anybody)).toMatchObject({
    state: 'open',
    reports: [],
  });
  const listing = async (id: string, query = '') =>
    http.json<{ rows: Receipt[]; next: string | null }>(
      `/v1/contributors/${id}/credits${query}`,
      anybody,
    );
  const { rows, next } = await listing(ids[0]!);
  expect(next).toBeNull();
  expect(rows).toMatchObject([
    { kind: 'refused', code: 'out-of-memory', reason: 'no memory for an item', shard, items: 1 },
  ]);
  expect(receiptSchema.parse(rows[0])).toEqual(rows[0]);
  expect((await listing(ids[0]!, '?kind=credited')).rows).toEqual([]);

  const right = await http.links.welcomed(1, 'host_2', keys[1]);
  await right.deliver();
  const settled = await http.json<ShardView>(`/v1/shards/${shard}`, anybody);
  expect(shardViewSchema.parse(settled)).toEqual(settled);
  expect(settled).toMatchObject({ state: 'settled', by: 'quorum', jobName: 'ball' });
  // In one tick: the shard, then what is paid for it.
  const logIndex = settled.logIndex! + 1;
  expect(settled.reports).toMatchObject([
    { contributor: ids[1], verdict: 'unchecked', microCredits: '1', logIndex },
  ]);
  const { rows: credited } = await listing(ids[1]!);
  expect(credited).toMatchObject([{ kind: 'credited', shard, microCredits: '1', logIndex }]);
  expect((await listing(ids[1]!, '?kind=refused')).rows).toEqual([]);
});

it('refuses what it does not know', async () => {
  expect(await http.problem('/v1/shards/job_none.0', anybody)).toMatchObject({ code: 'not-found' });
  expect(await http.problem('/v1/contributors/c_1/credits?kind=lost', anybody)).toMatchObject({
    code: 'invalid-field',
  });
  expect(await http.problem('/v1/contributors/c_1/credits?cursor=x', anybody)).toMatchObject({
    code: 'bad-cursor',
  });
  expect(shardViewSchema.safeParse({}).success).toBe(false);
});
