/**
 * Random lives of a staged job: hosts come, go, return over a new link, rest, fail, give back, lie and shift blame, the
 * job is paused and goes on, and the coordinator is killed. Whatever the order, the job ends with every item right and once, the credits add up, and
 * nobody honest is found wrong.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StagedRig, type StagedHost } from '../testing/stagedRig.ts';

const STAGES = 3;
const MOVES = [
  'join',
  'join',
  'leave',
  'vanish-two',
  'reconnect',
  'rest',
  'wake',
  'fail',
  'give-back',
  'lie',
  'shift-blame',
  'restart',
  'pause',
  'resume',
  'sweep',
  'turn',
  'turn',
  'turn',
] as const;

interface Move {
  readonly what: (typeof MOVES)[number];
  readonly pick: number;
}
const anyMove: fc.Arbitrary<Move> = fc.record({
  what: fc.constantFrom(...MOVES),
  pick: fc.nat(1_000),
});

class Life {
  readonly staged: StagedRig;
  /** Names of all who ever lied. */
  readonly liars = new Set<string>();
  readonly names = new Set<string>();
  /** Everybody who ever came, with each of its links. */
  readonly seen: StagedHost[] = [];

  constructor(staged: StagedRig) {
    this.staged = staged;
  }

  async join(): Promise<void> {
    const name = `n${this.names.size}`;
    this.names.add(name);
    this.seen.push(await this.staged.join(name));
  }

  async step({ what, pick }: Move): Promise<void> {
    const { staged } = this;
    const host = staged.hosts[pick % Math.max(staged.hosts.length, 1)];
    switch (what) {
      case 'join':
        return staged.hosts.length < 6 ? this.join() : undefined;
      case 'turn':
        return staged.turn();
      case 'pause':
      case 'resume':
        await staged.rig.engine.jobs[what](staged.job.id);
        return;
      case 'sweep':
        return staged.rig.sweep(1_000);
      case 'restart':
        await staged.restart();
        for (let i = 0; i < 2; i++) await this.join();
        return;
      case 'leave':
        return host && staged.leave(host);
      case 'vanish-two':
        if (host) await staged.leave(host);
        return staged.hosts[0] && staged.leave(staged.hosts[0]);
      case 'reconnect':
        if (host) this.seen.push(await staged.reconnect(host));
        return;
      case 'rest':
      case 'wake':
        if (host) staged.rig.engine.want(host.host, what === 'rest' ? 0 : 2);
        return staged.rig.quiet();
      case 'fail':
        if (host) await staged.fail(host);
        return;
      case 'give-back':
        if (host) await staged.giveBack(host);
        return;
      case 'lie':
      case 'shift-blame':
        // Somebody honest is left to compute it.
        if (host === undefined || this.liars.size >= 2) return;
        this.liars.add(host.contributor.id);
        if (what === 'lie') host.behaviour = (value, row) => value + (row % 2);
        else host.misreportsInputs = true;
        return;
      default:
        return what satisfies never;
    }
  }

  /** Those who are left are honest from now on, or gone, and enough of them. */
  async end(): Promise<void> {
    const { staged } = this;
    await staged.rig.engine.jobs.resume(staged.job.id);
    for (const host of [...staged.hosts]) {
      if (host.misreportsInputs) await staged.leave(host);
      else staged.rig.engine.want(host.host, 2);
    }
    for (let i = 0; i < STAGES; i++) await this.join();
  }
}

it(
  'every item is right and once, credits add up, and nobody honest is found wrong',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMove, { minLength: 5, maxLength: 60 }), async (moves) => {
        const staged = await StagedRig.started(STAGES);
        const life = new Life(staged);
        for (let i = 0; i < STAGES; i++) await life.join();
        for (const move of moves) await life.step(move);
        await life.end();
        const job = await staged.finish();
        expect(staged.rig.fatal).toEqual([]);

        expect(job.state.kind).toBe('done');
        const results = await staged.results();
        expect(results.size).toBe(staged.job.items);
        for (const [item, value] of results) expect(value).toBe(staged.truth(item));
        let paid = 0n;
        for (const name of life.names) paid += await staged.rig.creditOf(name);
        expect(paid).toBe(job.counts.grantedMicroCredits);
        for (const { link, contributor } of life.seen) {
          if (life.liars.has(contributor.id)) continue;
          expect(link.all('settled').filter(({ verdict }) => verdict === 'disagree')).toEqual([]);
        }
        // Nobody is introduced, and nobody is known, whose route is over.
        expect([...staged.directory.pairs]).toEqual([]);
        expect([...staged.directory.admitted]).toEqual([]);
        await staged.rig.engine.stop();
      }),
      { numRuns: 60, seed: 20_260_801 },
    );
  },
);
