/** What is computed, on its way: commitments and reports over links that go, answers that are lost, pauses between. */
import { describe, expect, test } from 'vitest';
import { tensorOf } from '../../shared/tensor.ts';
import { CHALLENGE, Rig, settle } from './testing.ts';

const lastState = (rig: Rig) => rig.host.state.kind;

describe('a lost link', () => {
  test('work goes on, and what was computed meanwhile is committed over the next link', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    await rig.assign('b');
    rig.link.drop();
    rig.compute.finish('a');
    await settle();
    rig.clock.pass(1_000);
    await rig.welcome(['a', 'b']);
    expect(lastState(rig)).toBe('working');
    expect(rig.link.of('commit')).toMatchObject([{ assignment: 'a' }]);
    rig.compute.finish('b');
    await settle();
    expect(rig.link.of('commit')).toMatchObject([{ assignment: 'a' }, { assignment: 'b' }]);
    await rig.open('b');
    await rig.open('a');
    expect(rig.link.of('report')).toMatchObject([{ assignment: 'b' }, { assignment: 'a' }]);
  });

  test('a commitment whose answer was lost is sent again, the same', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    rig.compute.finish('a');
    await settle();
    const [first] = rig.link.of('commit');
    rig.link.drop();
    rig.clock.pass(1_000);
    await rig.welcome(['a']);
    expect(rig.link.of('commit')).toEqual([first]);
    await rig.open('a');
    await rig.open('a');
    expect(rig.link.of('report')).toHaveLength(1);
  });

  test('a report whose receipt was lost is sent again, and not after the receipt', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    rig.compute.finish('a');
    await settle();
    await rig.open('a');
    rig.link.drop();
    rig.clock.pass(1_000);
    await rig.welcome(['a']);
    expect(rig.link.of('commit')).toEqual([]);
    expect(rig.link.of('report')).toMatchObject([{ assignment: 'a', challenge: CHALLENGE }]);
    rig.link.tell({ type: 'received', assignment: 'a' as never });
    rig.link.drop();
    rig.clock.pass(1_000);
    await rig.welcome();
    expect(rig.link.of('report')).toHaveLength(0);
  });

  test('leases that ended meanwhile are dropped, leases it does not know are returned', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    rig.link.drop();
    rig.clock.pass(1_000);
    await rig.welcome(['z']);
    expect(rig.compute.cancelled).toEqual(['a']);
    expect(rig.link.of('return')).toMatchObject([{ assignments: ['z'], reason: 'closing' }]);
    expect(lastState(rig)).toBe('waiting');
  });

  test.each(['commitment', 'report'])(
    'a %s that is never answered makes the link be opened anew',
    async (what) => {
      const rig = new Rig();
      rig.host.start();
      await rig.welcome();
      await rig.assign('a');
      rig.compute.finish('a');
      await settle();
      if (what === 'report') await rig.open('a');
      rig.clock.pass(41_000);
      expect(rig.links.length).toBeGreaterThan(1);
    },
  );
});

describe('between commitment and opening', () => {
  const committed = async (...ids: string[]): Promise<Rig> => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    for (const id of ids) await rig.assign(id);
    rig.compute.finish('a');
    await settle();
    return rig;
  };

  test('computing goes on', async () => {
    const rig = await committed('a', 'b', 'c');
    expect(rig.compute.runs.map((run) => run.task.id)).toEqual(['b', 'c']);
    rig.compute.finish('b');
    await settle();
    expect(rig.link.of('commit')).toMatchObject([{ assignment: 'a' }, { assignment: 'b' }]);
    await rig.open('b');
    expect(rig.link.of('report')).toMatchObject([{ assignment: 'b' }]);
  });

  test('what is revoked is not opened', async () => {
    const rig = await committed('a');
    rig.link.tell({ type: 'revoke', assignments: ['a' as never], reason: 'job-ended' });
    await rig.open('a');
    expect(rig.link.of('report')).toEqual([]);
  });

  test('a pause gives nothing back, and the report still goes out', async () => {
    const rig = await committed('a', 'b');
    rig.host.pause();
    expect(rig.link.of('return')).toMatchObject([{ assignments: ['b'] }]);
    await rig.open('a');
    expect(rig.link.of('report')).toMatchObject([{ assignment: 'a' }]);
  });

  test('what was never committed is not opened', async () => {
    const rig = await committed('a', 'b');
    await rig.open('b');
    await rig.open('nobody');
    expect(rig.link.of('report')).toEqual([]);
  });

  test('outputs that would be refused are not committed to', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    rig.compute.finish('a', tensorOf('F32', [3], Float32Array.of(1, NaN, 2)));
    await rig.assign('b', { nonFinite: 'data' });
    rig.compute.finish('b', tensorOf('F32', [3], Float32Array.of(1, NaN, 2)));
    await settle();
    expect(rig.link.of('compute-error')).toMatchObject([{ assignment: 'a', code: 'not-finite' }]);
    expect(rig.link.of('commit')).toMatchObject([{ assignment: 'b' }]);
  });
});
