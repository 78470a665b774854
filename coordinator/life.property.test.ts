/** Several lives over one store that knows its holder: at most one leads, and in the end one does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ok } from '../shared/result.ts';
import { Life, type Standing } from './life.ts';
import type { Lead } from './store/postgresWatch.ts';

const LIVES = 4;

/** The database: gives itself to one, and remembers what that one says. */
class FakeStore {
  holder: number | null = null;
  lead: Lead | null = null;
  #tenures = 0;

  take(who: number): boolean {
    if (this.holder !== null) return false;
    this.holder = who;
    this.lead = null;
    return true;
  }

  announce(who: number): void {
    expect(this.holder).toBe(who);
    this.#tenures += 1;
    this.lead = { address: String(who), tenure: `${this.#tenures}` };
  }

  release(who: number): void {
    if (this.holder === who) this.holder = null;
  }
}

it('however they start, look and die', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.record({ who: fc.nat(LIVES - 1), dies: fc.boolean() }), { maxLength: 40 }),
      async (scheduler, moves) => {
        const store = new FakeStore();
        const born = (who: number) => {
          const seen: Standing[] = [];
          const life: Life = new Life({
            look: async () => {
              await scheduler.schedule(Promise.resolve());
              const { holder, lead } = store;
              return ok({ isHeld: holder !== null, lead, secret: 's', blobHome: null });
            },
            unfitness: () => Promise.resolve(null),
            lead: async () => {
              if (!store.take(who)) return false;
              await scheduler.schedule(Promise.resolve());
              // A process that died meanwhile says nothing more.
              if (life.standing.kind === 'ended') return false;
              store.announce(who);
              return true;
            },
            // Who answers at an address is whoever lives there; the proof is of its tenure.
            reach: async ({ tenure }) => {
              await scheduler.schedule(Promise.resolve());
              return store.lead?.tenure === tenure && store.holder !== null
                ? ok(undefined)
                : { ok: false, error: 'gone' };
            },
            onStanding: (standing) => seen.push(standing),
          });
          return { who, life, seen };
        };
        const lives = Array.from({ length: LIVES }, (_, who) => born(who));
        const everybody = [...lives];
        const under: Promise<void>[] = [];
        const leading = () => lives.filter(({ life }) => life.standing.kind === 'leading');
        for (const { who, dies } of moves) {
          if (dies) {
            lives[who]!.life.end();
            store.release(who);
            lives[who] = born(who);
            everybody.push(lives[who]);
          } else under.push(lives[who]!.life.step());
          if (scheduler.count() > 0) await scheduler.waitOne();
          expect(leading().length).toBeLessThanOrEqual(1);
          for (const { who: leader } of leading()) expect(store.holder).toBe(leader);
        }
        await scheduler.waitIdle();
        await Promise.all(under);
        // Left alone, each looks a few times more: one leads, and the others know whom to follow.
        for (let round = 0; round < 3; round++) {
          for (const { life } of lives) {
            const step = life.step();
            await scheduler.waitIdle();
            await step;
          }
        }
        expect(leading()).toHaveLength(1);
        for (const { life } of lives) {
          if (life.standing.kind === 'leading') continue;
          expect(life.standing).toMatchObject({ kind: 'following', lead: store.lead });
        }
        for (const { seen } of everybody) {
          const at = seen.findIndex(({ kind }) => kind === 'leading');
          if (at >= 0) expect(seen.slice(at + 1).every(({ kind }) => kind === 'ended')).toBe(true);
        }
      },
    ),
  );
});
