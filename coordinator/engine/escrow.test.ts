/** What follows for others, and for work that is still out, when a contributor is found wrong. */
import { afterEach, expect, it } from 'vitest';
import { GATE_CHECKS, checksMissing } from '../core/stream.ts';
import { ok } from '../../shared/result.ts';
import { EngineRig, outputsOf, type RigOptions } from './testing/engineRig.ts';
import { LARGE, exhaustReferee, streamOfHost, work } from './testing/sampledJob.ts';

const rigs: EngineRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.engine.stop();
});

async function started(options: RigOptions = {}): Promise<EngineRig> {
  const rig = await EngineRig.started(options);
  rigs.push(rig);
  return rig;
}

it('triage: after one bad report the referee looks at the others, and finds the second', async () => {
  // The referee shares its opinion at first, as if its samples had all been of right items.
  let offset = 0;
  const rig = await started({ compute: async (_job, items) => ok(outputsOf(items, offset)) });
  const liar = await rig.worker('l');
  const { id } = await rig.post(LARGE);
  exhaustReferee(rig, id);
  await work(rig, [liar], (_, report) => (offset = report % 4 === 1 ? 1 : 0), 16);
  offset = 0;
  rig.engine.want(liar.host, 0);
  const provisional = rig.engine.runningJob(id)!.counts.provisionalItems;
  expect(provisional).toBe(16 * 512);
  const honest = await rig.worker('a');
  for (let i = 0; (await streamOfHost(rig, liar)).mismatches === 0; i++) {
    expect(i).toBeLessThan(20);
    await work(rig, [honest], () => 0, 1);
  }
  for (let i = 0; i < 4; i++) await rig.sweep(1_000);
  expect(await streamOfHost(rig, liar)).toMatchObject({ ejected: true });
  expect(new Set(liar.link.all('settled').map(({ verdict }) => verdict))).toEqual(
    new Set(['disagree']),
  );
  expect(liar.link.all('settled')).toHaveLength(16);
  expect(await streamOfHost(rig, honest)).toMatchObject({ mismatches: 0, ejected: false });
});

it('triage: a fault of honest hardware stays one, and costs it nothing but that report', async () => {
  let offset = 0;
  const rig = await started({ compute: async (_job, items) => ok(outputsOf(items, offset)) });
  const flaky = await rig.worker('f');
  const { id } = await rig.post(LARGE);
  exhaustReferee(rig, id);
  await work(rig, [flaky], (_, report) => (offset = report === 3 ? 1 : 0), 8);
  offset = 0;
  rig.engine.want(flaky.host, 0);
  const honest = await rig.worker('a');
  for (let i = 0; (await streamOfHost(rig, flaky)).mismatches === 0; i++) {
    expect(i).toBeLessThan(30);
    await work(rig, [honest], () => 0, 1);
  }
  for (let i = 0; i < 10; i++) await rig.sweep(1_000);
  const { checks, lastMismatchAt, ejected } = await streamOfHost(rig, flaky);
  expect(ejected).toBe(false);
  // Sampled to the end of the triage, and not for ever.
  expect(checks - lastMismatchAt).toBeGreaterThanOrEqual(64);
  expect(checks - lastMismatchAt).toBeLessThan(100);
  expect(flaky.link.all('settled').map(({ verdict }) => verdict)).toEqual(['disagree']);
});

it('whoever vouched and was ejected: what rests on its word has to be checked again', async () => {
  const rig = await started();
  const honest = [await rig.worker('a'), await rig.worker('b')];
  const voucher = await rig.worker('v');
  await rig.post(LARGE);
  await work(rig, [...honest, voucher], () => 0, 4);
  const before = await streamOfHost(rig, honest[0]!);
  expect(before.doubted).toBe(0);
  await work(rig, [voucher], () => 1);
  expect(await streamOfHost(rig, voucher)).toMatchObject({ ejected: true });
  const after = await streamOfHost(rig, honest[0]!);
  expect(after).toMatchObject({ mismatches: 0, ejected: false });
  expect(after.doubted).toBeGreaterThan(10);
  expect(after.doubted).toBeLessThanOrEqual(after.checks);
  expect(checksMissing(after, 0)).toBe(GATE_CHECKS - after.checks + after.doubted);
});

it('what an ejected contributor still computes is taken from it at once', async () => {
  const rig = await started();
  const honest = [await rig.worker('a'), await rig.worker('b')];
  await rig.post(LARGE);
  await work(rig, honest, () => 0, 3);
  const liar = await rig.worker('l', 4);
  expect(liar.link.assigned).toHaveLength(4);
  rig.engine.want(liar.host, 0);
  for (const index of [0, 1]) {
    rig.report(liar, index, 1);
    await rig.quiet();
  }
  expect(await streamOfHost(rig, liar)).toMatchObject({ ejected: true });
  const held = liar.link.assigned.slice(2).map(({ assignment }) => assignment.id);
  const revoked = liar.link.all('revoke');
  expect(revoked.flatMap(({ assignments }) => assignments).sort()).toEqual([...held].sort());
  expect(new Set(revoked.map(({ reason }) => reason))).toEqual(new Set(['withdrawn']));
  for (const id of held) expect(await rig.stateOf(id)).toBe('revoked');
  expect(liar.host.leases.size).toBe(0);
});
