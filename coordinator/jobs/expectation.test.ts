/** The time that is told of a job before it is posted: what else the hosts have to do counts, and nothing else. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JobId, KeyId } from '../../shared/ids.ts';
import { MAX_HELD_MS } from '../../shared/limits.ts';
import type { Offer } from '../../shared/protocol/verification.ts';
import type { Job } from '../core/state.ts';
import { digest, jobOf, quorumOf } from '../core/testing/work.ts';
import { EngineRig } from '../engine/testing/engineRig.ts';
import { work } from '../engine/testing/sampledJob.ts';
import { expectationOf } from './expectation.ts';

let rig: EngineRig;
beforeEach(async () => {
  rig = await EngineRig.started();
});
afterEach(() => rig.engine.stop());

const ONCE = { verification: quorumOf(1) };
const post = (name: string, changes: Partial<Job> = {}) =>
  rig.post({ ...ONCE, id: `job_${name}` as JobId, author: `key_${name}` as KeyId, ...changes });

/** What is told of a job of the author `mine`. */
function told(): string {
  const hosts = [...rig.engine.hosts.all()];
  const job = jobOf({ ...ONCE, author: 'key_mine' as KeyId });
  for (const host of hosts)
    for (let i = 0; i < 2; i++) rig.engine.paces.note(host, job, 1_000, 60_000);
  const offer: Offer = {
    verification: job.verification,
    cost: { now: 0, steady: 0 },
    odds: { liars: 0, wrongItems: 0, anyWrong: 0, text: '' },
    price: '0',
    text: '',
  };
  const volunteers = { known: 0, newcomers: 1 };
  const plan = { job, offer, volunteers, able: { hosts, refused: [] } };
  return expectationOf(plan, undefined, rig.engine).secondsText;
}

it('counts authors whose work the hosts have to do too: not one whose job waits for items, or rests', async () => {
  const state = { kind: 'running', heldUntilMs: rig.nowMs + MAX_HELD_MS } as const;
  const { id } = await post('held', { state });
  const host = await rig.worker('a');
  expect(told()).toContain('they work for 1 other author too');
  await work(rig, [host]);
  expect(await rig.job(id)).toMatchObject({ state, counts: { settledItems: 20 } });
  expect(told()).not.toContain('other author');

  const cut = { items: 30, itemsPerShard: 10, shards: 3, stacked: null };
  const asked = { key: null, asked: digest('asked'), budget: null, isPrepaid: false };
  await rig.engine.jobs.add(id, { ...cut, ...asked });
  await post('mine');
  expect(told()).toContain('they work for 1 other author too');
  await rig.engine.jobs.pause(id);
  expect(told()).not.toContain('other author');
});
