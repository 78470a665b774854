/** Estimates over HTTP: price, who could do it, and what every way of checking costs and lets through. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyId } from '../../../shared/ids.ts';
import { jobSpecSchema, type Estimate } from '../../../shared/protocol/job.ts';
import { policyName } from '../../../shared/protocol/verification.ts';
import { HttpRig, KERNEL_SPEC } from '../testing/httpRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

describe('an estimate', () => {
  it('an estimate costs nothing, posts nothing, and says who could do it', async () => {
    const before = http.links.rig.data.jobs.size;
    const spec = { ...KERNEL_SPEC, itemsPerShard: 4 };
    const estimate = await http.json<Estimate>('/v1/estimates', { body: spec });
    expect(estimate).toMatchObject({
      items: 10,
      shards: 3,
      itemsPerShard: 4,
      price: '6',
      contributorsNow: 0,
      enoughContributors: false,
      hosts: { connected: 0, able: 0, resting: 0, refused: [] },
      seconds: null,
      secondsText: expect.stringContaining('Not known: no volunteer is connected') as string,
      chosen: {
        verification: { kind: 'quorum', quorum: 2 },
        cost: { now: 1, steady: 1 },
        price: '6',
      },
      notes: [],
    });
    expect(estimate.facts).not.toHaveProperty('feeds');
    expect(estimate.alternatives.map(({ verification }) => policyName(verification))).toEqual(
      [3, 4, 5, 6, 7].map((quorum) => `quorum=${quorum}`),
    );
    expect(BigInt(estimate.alternatives[0]!.price)).toBe(9n);
    const hosts = [
      await http.links.welcomed(0, 'host_e1'),
      await http.links.welcomed(0, 'host_e2'),
    ];
    const later = await http.json<Estimate>('/v1/estimates', { body: spec });
    expect(later).toMatchObject({ contributorsNow: 2, enoughContributors: true });
    for (const { connection } of hosts) connection.closed();
    await http.links.rig.quiet();
    expect(http.links.rig.data.jobs.size).toBe(before);
  });

  it('says who could run it, why others could not, and how long it would take', async () => {
    const { rig } = http.links;
    const capabilities = { engines: ['wasm'], adapter: 'test', memoryBytes: 2 ** 32 };
    const unable = http.links.open();
    await unable.say(unable.hello({ capabilities }, 'host_t0'));
    const hosts = [
      await http.links.welcomed(1, 'host_t1'),
      await http.links.welcomed(0, 'host_t2'),
    ];
    const spec = { ...KERNEL_SPEC, items: 100 };
    const ask = () => http.json<Estimate>('/v1/estimates', { body: spec });
    const { hosts: now } = await ask();
    expect(now).toMatchObject({ connected: 3, able: 2, resting: 1 });
    expect(now.refused).toEqual([
      {
        code: 'no-engine',
        text: 'the device has no engine that runs this kind of program',
        hosts: 1,
      },
    ]);
    await hosts[1]!.say({ type: 'want', count: 1 });
    expect((await ask()).secondsText).toContain('none of the 2 devices');
    const planned = await http.deps.desk.plan(jobSpecSchema.parse(spec), 'key_1' as KeyId);
    if (!planned.ok) throw new Error(planned.error.detail);
    for (const host of rig.engine.hosts.all())
      for (let i = 0; i < 2; i++) rig.engine.paces.note(host, planned.value.job, 1000, 60_000);
    const { seconds, secondsText } = await ask();
    expect(secondsText).toMatch(/^From 2 devices measured on this program/);
    expect(seconds!.low).toBeGreaterThan(0);
    expect(seconds!.high).toBeGreaterThan(seconds!.low);
    for (const { connection } of [unable, ...hosts]) connection.closed();
    await rig.quiet();
  });

  it('a rate multiplies the price of every way to check it, and is told', async () => {
    const spec = { ...KERNEL_SPEC, itemsPerShard: 4 };
    const estimate = async (ratePercent: unknown) =>
      http.ask('/v1/estimates', { body: { ...spec, ratePercent } });
    expect(await (await estimate(250)).json()).toMatchObject({
      price: '18',
      ratePercent: 250,
      chosen: { price: '18' },
    });
    expect(await http.json('/v1/estimates', { body: spec })).toMatchObject({ ratePercent: 100 });
    for (const wrong of [49, 10_001, 99.5, '100']) expect((await estimate(wrong)).status).toBe(422);
  });

  it('an estimate of a large job: samples, what they cost now and later, and what else there is', async () => {
    const spec = { ...KERNEL_SPEC, items: 20_000 };
    const asked = { kind: 'auto', mostWrong: 1e-3, liars: 0.1 };
    const body = { ...spec, verification: asked };
    const { chosen, alternatives, why } = await http.json<Estimate>('/v1/estimates', { body });
    expect(chosen.verification).toEqual({ kind: 'sampled', secondOpinion: 'referee' });
    expect(chosen.cost.now).toBeGreaterThan(chosen.cost.steady);
    expect(chosen.odds).toMatchObject({ liars: 0.1 });
    expect(chosen.odds.wrongItems).toBeLessThan(1e-3);
    expect(chosen.text).toContain('four volunteers that are new to this program');
    expect(why).toContain('at most 0.1 % wrong items if one group does 10 % of all computing');
    expect(alternatives.map(({ odds }) => odds.liars)).toEqual(Array(6).fill(0.1));
    const sampled = { kind: 'sampled' };
    const small = { ...KERNEL_SPEC, verification: sampled };
    expect((await http.json<Estimate>('/v1/estimates', { body: small })).why).toMatch(
      /^You asked for samples, and the job is too small/,
    );
  });

  it('a bound that nothing meets is refused, and says what can be had', async () => {
    const verification = { kind: 'auto', mostWrong: 1e-9, liars: 0.5 };
    const body = { ...KERNEL_SPEC, verification };
    expect(await http.problem('/v1/estimates', { body })).toMatchObject({
      code: 'bound-unmet',
      status: 422,
      expected: expect.stringContaining('by quorum=7') as string,
    });
    const tooMany = { ...KERNEL_SPEC, verification: { kind: 'auto', liars: 0.6 } };
    expect(await http.problem('/v1/jobs', { body: tooMany })).toMatchObject({
      code: 'invalid-field',
      field: 'verification.liars',
    });
  });
});
