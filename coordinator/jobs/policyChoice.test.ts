/** Which policy a job gets, why, and what the others would have been. */
import { describe, expect, it } from 'vitest';
import { AUTO, policyName, type Asked } from '../../shared/protocol/verification.ts';
import { fail, ok } from '../../shared/result.ts';
import { quorumOf } from '../core/testing/work.ts';
import { choosePolicy, type Prospect } from './policyChoice.ts';

const prospect = (items: number, changes: Partial<Prospect> = {}): Prospect => ({
  items,
  open: false,
  flopsPerItem: 2e6,
  refereeMsPerItem: 0.1,
  volunteers: { known: 0, newcomers: 4 },
  algebraicShare: null,
  honestMayDiffer: false,
  stages: null,
  cutFor: (sampled) => {
    const itemsPerShard = sampled ? 256 : 512;
    return ok({ items, itemsPerShard, shards: Math.ceil(items / itemsPerShard) });
  },
  ...changes,
});
const auto = (changes: object = {}): Asked => ({ ...AUTO, ...changes });

function chosen(asked: Asked, of: Prospect) {
  const choice = choosePolicy(asked, of);
  if (!choice.ok) throw new Error(JSON.stringify(choice.error));
  const { offer, alternatives, why, cut } = choice.value;
  const others = alternatives.map(({ verification }) => policyName(verification));
  return { offer, others, why, cut, name: policyName(offer.verification) };
}

describe('auto', () => {
  it('samples a large job, and the referee may do what volunteers do not', () => {
    const { offer, others, cut, why, name } = chosen(AUTO, prospect(32_768));
    expect(offer.verification).toEqual({ kind: 'sampled', secondOpinion: 'referee' });
    expect(cut.itemsPerShard).toBe(256);
    expect(offer.cost.now).toBeCloseTo(0.097, 2);
    expect(offer.cost.steady).toBeLessThan(0.04);
    expect(others).toEqual([
      'quorum=2',
      'quorum=3',
      'quorum=4',
      'quorum=5',
      'quorum=6',
      'quorum=7',
    ]);
    expect(why).toMatch(/^The cheapest that lets through at most 0\.5 % wrong items/);
    expect(others).not.toContain(name);
  });

  it('has two opinions of every item of a small one, and says why', () => {
    const { offer, why, cut } = chosen(AUTO, prospect(256));
    expect(offer.verification).toEqual(quorumOf(2));
    expect(cut.itemsPerShard).toBe(512);
    expect(why).toMatch(/; sampling needs at least 4,096 items, and there are 256\.$/);
    expect(offer.text).toMatch(
      /2 unrelated volunteers.*costs 100 % on top.*0\.25 % of the accepted/,
    );
  });

  it('takes as many opinions as the bound wants', () => {
    expect(chosen(auto({ mostWrong: 1e-3 }), prospect(256)).name).toBe('quorum=3');
    expect(chosen(auto({ mostWrong: 1e-4 }), prospect(256)).name).toBe('quorum=4');
    expect(chosen(auto({ mostWrong: 5e-3, liars: 0.01 }), prospect(256)).name).toBe('quorum=2');
    expect(chosen(auto({ secondOpinion: 'referee' }), prospect(256)).offer.verification).toEqual(
      quorumOf(2, 'referee'),
    );
  });

  it('checks volunteers longer where samples let through too much, or takes more opinions', () => {
    const { name, why } = chosen(auto({ mostWrong: 1e-4 }), prospect(32_768));
    expect(name).toBe('sampled=2048');
    expect(why).toMatch(/together\.$/);
    // Of a job that is too small for so many checks.
    expect(chosen(auto({ mostWrong: 1e-4 }), prospect(8_191)).name).toBe('quorum=4');
    expect(chosen(auto({ mostWrong: 1e-6 }), prospect(32_768)).name).toBe('quorum=6');
  });

  it('checks volunteers of a large job longer where that costs nothing', () => {
    const { name, offer, others } = chosen(AUTO, prospect(1_000_000));
    expect(name).toBe('sampled=3328');
    expect(others).not.toContain('sampled');
    expect(offer.odds.wrongItems).toBeLessThan(4e-5);
    const least: Asked = { kind: 'sampled', secondOpinion: 'referee' };
    const plain = chosen(least, prospect(1_000_000)).offer;
    expect(offer.cost.now).toBeCloseTo(plain.cost.now, 12);
    // Each of many computes little of it, and of what is added later nothing is known.
    const crowd = { known: 0, newcomers: 100 };
    expect(chosen(AUTO, prospect(1_000_000, { volunteers: crowd })).name).toBe('sampled');
    expect(chosen(AUTO, prospect(1_000_000, { open: true })).name).toBe('sampled');
    const known = { known: 10, newcomers: 0 };
    expect(chosen(AUTO, prospect(1_000_000, { volunteers: known })).name).toBe('sampled=1792');
    const nobody = { known: 0, newcomers: 0 };
    expect(chosen(AUTO, prospect(1_000_000, { volunteers: nobody })).name).toBe('sampled');
    // The bound may ask for more yet.
    expect(chosen(auto({ mostWrong: 2e-5 }), prospect(1_000_000)).name).toBe('sampled=6144');
  });

  it('checks products by themselves where that is the cheapest', () => {
    const cheap = prospect(256, { algebraicShare: 0.05 });
    expect(chosen(AUTO, cheap).offer).toMatchObject({
      verification: { kind: 'algebraic' },
      cost: { now: 0.05, steady: 0.05 },
      odds: { wrongItems: 1e-8 },
    });
    // Products of tiny matrices: their check is more work than computing them again.
    expect(chosen(AUTO, prospect(256, { algebraicShare: 1.5 })).name).toBe('quorum=2');
    expect(chosen(auto({ mostWrong: 1e-7 }), prospect(256, { algebraicShare: 1.5 })).name).toBe(
      'algebraic',
    );
  });

  it('does not leave to the referee what would take it long', () => {
    const slow = prospect(8_192, { refereeMsPerItem: 100 });
    const { name, why } = chosen(AUTO, slow);
    expect(name).toBe('quorum=2');
    expect(why).toMatch(/would leave [\d,]+ items \([\d,]+ s\) to the referee\.$/);
    // Who is known needs few checks; of many newcomers everyone needs many.
    const known = { known: 4, newcomers: 0 };
    const large = prospect(131_072, { refereeMsPerItem: 100, volunteers: known });
    expect(chosen(AUTO, large).name).toBe('sampled');
    const crowd = { known: 0, newcomers: 500 };
    expect(chosen(AUTO, prospect(131_072, { volunteers: crowd })).name).toBe('sampled');
    const dear = prospect(131_072, { volunteers: crowd, refereeMsPerItem: 10 });
    expect(chosen(AUTO, dear).name).toBe('quorum=2');
  });

  it('does not sample where honest devices may differ from each other', () => {
    const { name, why } = chosen(AUTO, prospect(32_768, { honestMayDiffer: true }));
    expect(name).toBe('quorum=2');
    expect(why).toContain('floats differ in the last bits');
  });

  it('assumes four newcomers where nobody is connected', () => {
    const { offer } = chosen(AUTO, prospect(32_768, { volunteers: { known: 0, newcomers: 0 } }));
    expect(offer.cost.now).toBeCloseTo(0.097, 2);
    expect(offer.text).toContain('with four volunteers that are new to this program');
    const one = prospect(32_768, { volunteers: { known: 1, newcomers: 0 } });
    expect(chosen(AUTO, one).offer.text).toContain('with the 1 volunteer that is connected.');
  });

  it('a bound that nothing meets is refused, with the best there is', () => {
    const choice = choosePolicy(auto({ mostWrong: 1e-6, liars: 0.5 }), prospect(256));
    expect(choice).toMatchObject({
      ok: false,
      error: {
        code: 'bound-unmet',
        field: 'verification.mostWrong',
        expected: expect.stringMatching(/^at least 0\.09 \(9 %\), by quorum=7$/) as string,
        came: '0.000001',
        fix: expect.stringContaining('--most-wrong') as string,
      },
    });
  });
});

describe('an explicit policy', () => {
  it.each<Asked>([quorumOf(1), quorumOf(5, 'referee'), { kind: 'algebraic' }])(
    '%j is kept, and is not among its alternatives',
    (asked) => {
      const { offer, why, others, name } = chosen(asked, prospect(10, { algebraicShare: 0.01 }));
      expect(offer.verification).toEqual(asked);
      expect(why).toBe('This is what you asked for.');
      expect(others).not.toContain(name);
      expect(others.length).toBeGreaterThan(4);
    },
  );

  it('sampled is kept where the job is large enough, slow or not', () => {
    const asked: Asked = { kind: 'sampled', secondOpinion: 'contributors' };
    const slow = prospect(4_096, { refereeMsPerItem: 1e4 });
    expect(chosen(asked, slow).offer.verification).toEqual(asked);
  });

  it('sampled becomes two opinions in a job that is too small, and says why', () => {
    const { offer, why } = chosen({ kind: 'sampled', secondOpinion: 'referee' }, prospect(4_095));
    expect(offer.verification).toEqual(quorumOf(2, 'referee'));
    expect(why).toMatch(/^You asked for samples, and the job is too small: it has 4,095 items/);
  });

  it('nothing checked costs nothing and promises nothing', () => {
    const { offer } = chosen(quorumOf(1), prospect(10));
    expect(offer.text).toMatch(/nothing is checked\. That costs nothing\. .*at most 5 %/);
  });
});

describe('a job that cannot be cut', () => {
  const uncut = fail({ code: 'item-too-large', detail: 'too large' } as const);

  it('is refused for that reason', () => {
    for (const asked of [AUTO, quorumOf(2)]) {
      expect(choosePolicy(asked, prospect(10, { cutFor: () => uncut }))).toEqual(uncut);
    }
  });

  it('for samples only, is not sampled', () => {
    const whole = ok({ items: 8_192, itemsPerShard: 4_096, shards: 2 });
    const cutFor = (sampled: boolean) => (sampled ? uncut : whole);
    expect(chosen(AUTO, prospect(8_192, { cutFor })).name).toBe('quorum=2');
  });
});
