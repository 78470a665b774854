import { describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../shared/result.ts';
import { Life, type LifePorts, type Standing } from './life.ts';
import type { Lead, StoreOutlook } from './store/postgresWatch.ts';

const leadOf = (tenure: string): Lead => ({ address: `http://${tenure}:1`, tenure });
const held = (lead: Lead | null): StoreOutlook => ({
  isHeld: true,
  lead,
  secret: 'secret',
  blobHome: null,
});
const FREE: StoreOutlook = { ...held(null), isHeld: false };

/** A life and what it sees and is told; all of it may be changed between steps. */
class Rig implements LifePorts {
  outlook: Result<StoreOutlook, string> = ok(FREE);
  unfit: string | null = null;
  taking: () => Promise<boolean> = () => Promise.resolve(true);
  reached: Result<void, string> = ok(undefined);
  readonly asked: string[] = [];
  readonly seen: Standing[] = [];
  readonly life = new Life(this);

  async look() {
    return this.outlook;
  }
  async unfitness() {
    return this.unfit;
  }
  lead() {
    this.asked.push('lead');
    return this.taking();
  }
  async reach({ tenure }: Lead) {
    this.asked.push(`reach ${tenure}`);
    return this.reached;
  }
  onStanding(standing: Standing) {
    this.seen.push(standing);
  }
  get kinds(): string[] {
    return this.seen.map(({ kind }) => kind);
  }
  async step(outlook?: StoreOutlook) {
    if (outlook !== undefined) this.outlook = ok(outlook);
    await this.life.step();
    return this.life.standing;
  }
}

describe('a free store', () => {
  it('is taken, and then nothing is looked at any more', async () => {
    const rig = new Rig();
    expect(await rig.step()).toEqual({ kind: 'leading' });
    expect(await rig.step(held(leadOf('b')))).toEqual({ kind: 'leading' });
    expect(rig.asked).toEqual(['lead']);
    expect(rig.kinds).toEqual(['seeking', 'leading']);
  });

  it('that another took first is followed when that one can be reached', async () => {
    const rig = new Rig();
    rig.taking = () => Promise.resolve(false);
    expect(await rig.step()).toMatchObject({ kind: 'seeking' });
    expect(await rig.step(held(null))).toMatchObject({
      kind: 'seeking',
      why: expect.stringContaining('has not said yet') as string,
    });
    expect(await rig.step(held(leadOf('b')))).toMatchObject({ kind: 'following', unfitness: null });
  });

  it('is not taken by one that may not lead, which says why, once', async () => {
    const rig = new Rig();
    rig.unfit = 'another directory';
    expect(await rig.step()).toEqual({ kind: 'unfit', why: 'another directory' });
    await rig.step();
    expect(rig.asked).toEqual([]);
    expect(rig.kinds).toEqual(['unfit']);
    expect(await rig.step(held(leadOf('b')))).toMatchObject({
      kind: 'following',
      unfitness: 'another directory',
    });
  });

  it('whose taking fails ends the life', async () => {
    const rig = new Rig();
    rig.taking = () => Promise.reject(new Error('the schema is too new'));
    await expect(rig.life.step()).rejects.toThrow('too new');
    expect(rig.life.standing).toEqual({ kind: 'ended' });
  });
});

describe('a lead', () => {
  it('is followed from when it proves to be one, and told once', async () => {
    const rig = new Rig();
    rig.reached = fail('it does not answer');
    expect(await rig.step(held(leadOf('a')))).toMatchObject({
      kind: 'seeking',
      why: 'the coordinator that leads, at http://a:1: it does not answer',
    });
    rig.reached = ok(undefined);
    for (let i = 0; i < 3; i++) {
      expect(await rig.step()).toMatchObject({ kind: 'following', lead: leadOf('a') });
    }
    expect(rig.kinds).toEqual(['seeking', 'following']);
  });

  it('is not taken for its successor, whatever its address', async () => {
    const rig = new Rig();
    await rig.step(held(leadOf('a')));
    const again = { ...leadOf('b'), address: leadOf('a').address };
    expect(await rig.step(held(again))).toMatchObject({ kind: 'following', lead: again });
    expect(rig.asked).toEqual(['reach a', 'reach b']);
    expect(rig.kinds).toEqual(['following', 'following']);
  });

  it('that goes is succeeded', async () => {
    const rig = new Rig();
    await rig.step(held(leadOf('a')));
    expect(await rig.step(FREE)).toEqual({ kind: 'leading' });
    expect(rig.kinds).toEqual(['following', 'seeking', 'leading']);
  });

  it('stays the lead to one that cannot ask the database', async () => {
    const rig = new Rig();
    rig.outlook = fail('no connection');
    expect(await rig.step()).toEqual({ kind: 'seeking', why: 'no connection' });
    await rig.step(held(leadOf('a')));
    rig.outlook = fail('no connection');
    expect(await rig.step()).toMatchObject({ kind: 'following', lead: leadOf('a') });
  });
});

describe('an end', () => {
  it('is for good, whatever was under way', async () => {
    const rig = new Rig();
    let taken: (leads: boolean) => void = () => undefined;
    rig.taking = () => new Promise((resolve) => (taken = resolve));
    const step = rig.life.step();
    await Promise.resolve();
    await Promise.resolve();
    rig.life.end();
    taken(true);
    await step;
    expect(rig.asked).toEqual(['lead']);
    expect(await rig.step()).toEqual({ kind: 'ended' });
    expect(rig.kinds).toEqual(['seeking', 'ended']);
  });
});
