/**
 * Random lives of a job that is held open: whatever its author adds, pauses and raises, however much is computed between, and
 * whenever the coordinator restarts, every item has one right result in the end, and what was put aside is paid or given back.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KeyId } from '../../shared/ids.ts';
import { authorAccount, escrowAccount } from '../../shared/ledger.ts';
import { MAX_HELD_MS } from '../../shared/limits.ts';
import { valuesOf } from '../../shared/tensor.ts';
import { resultsAfter } from '../jobs/results.ts';
import { decodeTensors } from '../../shared/safetensors.ts';
import { digest, quorumOf } from '../core/testing/work.ts';
import { EngineRig, type RigHost } from './testing/engineRig.ts';
import { FACTS, SAMPLED, work } from './testing/sampledJob.ts';

const anAct = fc.oneof(
  fc.record({
    what: fc.constant('add' as const),
    items: fc.integer({ min: 1, max: 60 }),
    itemsPerShard: fc.integer({ min: 1, max: 10 }),
    key: fc.option(fc.nat(3)),
  }),
  fc.record({ what: fc.constant('work' as const), rounds: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ what: fc.constantFrom('restart' as const, 'pause' as const, 'resume' as const) }),
  fc.record({
    what: fc.constant('raise' as const),
    ratePercent: fc.integer({ min: 100, max: 300 }),
  }),
  fc.record({
    what: fc.constant('pass' as const),
    ms: fc.constantFrom(1_000, 600_000, MAX_HELD_MS),
  }),
);
const aLife = fc.record({
  acts: fc.array(anAct, { minLength: 3, maxLength: 12 }),
  verification: fc.constantFrom(SAMPLED, quorumOf(1), quorumOf(2)),
});
const WHO = ['a', 'b', 'c'];

it('has every item once and right, and books that add up', { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(aLife, async ({ acts, verification }) => {
      const rig = await EngineRig.started();
      const author = authorAccount('key_1' as KeyId);
      let hosts: RigHost[] = [];
      const connect = async () => {
        hosts = [];
        for (const who of WHO) hosts.push(await rig.worker(who, 2));
      };
      await connect();
      const heldUntilMs = rig.nowMs + MAX_HELD_MS;
      const facts = { ...FACTS, refereeMsPerItem: 1 };
      const state = { kind: 'running', heldUntilMs } as const;
      const { id } = await rig.post({ verification, facts, state });
      for (const act of acts) {
        if (act.what === 'add') {
          const { items, itemsPerShard } = act;
          const cut = { items, itemsPerShard, shards: Math.ceil(items / itemsPerShard) };
          const key = act.key === null ? null : digest(`${act.key}`);
          const asked = {
            ...cut,
            stacked: null,
            key,
            asked: digest(`${items}/${itemsPerShard}`),
            budget: null,
            isPrepaid: false,
          };
          const before = await rig.job(id);
          const added = await rig.engine.jobs.add(id, asked);
          const isNew = added.kind === 'added' && !added.repeated;
          expect((await rig.job(id)).items - before.items).toBe(isNew ? items : 0);
        } else if (act.what === 'work') await work(rig, hosts, undefined, act.rounds);
        else if (act.what === 'pause') await rig.engine.jobs.pause(id);
        else if (act.what === 'resume') await rig.engine.jobs.resume(id);
        else if (act.what === 'raise')
          await rig.engine.jobs.raise(id, { ...act, budget: null, isPrepaid: false });
        else if (act.what === 'pass') await rig.sweep(act.ms);
        else {
          await rig.restart();
          await connect();
        }
        await rig.quiet();
        const job = await rig.job(id);
        const ended = job.counts.settledItems + job.counts.failedItems;
        expect(ended).toBeLessThanOrEqual(job.items);
        if (job.state.kind === 'running' && job.state.heldUntilMs !== undefined)
          expect(job.state.heldUntilMs).toBeGreaterThan(rig.nowMs - 1);
      }
      await rig.engine.jobs.resume(id);
      await rig.engine.jobs.close(id);
      if ((await rig.job(id)).state.kind === 'running') await rig.engine.jobs.allowReferee(id);
      for (let i = 0; i < 60 && (await rig.job(id)).state.kind === 'running'; i++) {
        await work(rig, hosts);
        await rig.sweep(i % 5 === 4 ? 600_000 : 1_000);
      }
      const job = await rig.job(id);
      expect([job.state.kind, job.counts.settledItems]).toEqual(['done', job.items]);
      const hits = new Map<number, number>();
      for (let after = 0, more = true; more;) {
        const page = await resultsAfter(rig.store, job, after);
        if (!page.ok) throw new Error(page.error.detail);
        ({ next: after, more } = page.value);
        if (page.value.file === null) continue;
        const tensors = decodeTensors(page.value.file);
        if (!tensors.ok) throw new Error('a page that cannot be read');
        const values = valuesOf(tensors.value['hits']!);
        for (const [row, item] of [...valuesOf(tensors.value['__item__']!)].entries()) {
          expect(hits.has(Number(item))).toBe(false);
          hits.set(Number(item), Number(values[row]));
        }
      }
      expect([...hits].every(([item, value]) => value === 3 * item)).toBe(true);
      expect(hits.size).toBe(job.items);
      const { rows } = await rig.store.ledger.balances(null, 100);
      expect(rows.reduce((sum, { microCredits }) => sum + microCredits, 0n)).toBe(0n);
      expect(await rig.store.ledger.balance(escrowAccount(id))).toBe(0n);
      expect(await rig.store.ledger.balance(author)).toBeGreaterThanOrEqual(0n);
      expect(rig.fatal).toEqual([]);
      await rig.engine.stop();
    }),
    { numRuns: 150 },
  ),
);
