import { describe, expect, test } from 'vitest';
import { commitmentOf, openingsOf } from '../../shared/commitment.ts';
import type { AssignmentId } from '../../shared/ids.ts';
import { LINK_VERSION } from '../../shared/protocol/link.ts';
import { ALL_WORK, type Wishes } from '../../shared/protocol/wishes.ts';
import { valuesOf } from '../../shared/tensor.ts';
import { assignment, CHALLENGE, NONCE, Rig, settle, treeOf } from './testing.ts';

const lastState = (rig: Rig) => rig.host.state.kind;

describe('hello', () => {
  test('signs the origin, the nonce and the host id, and asks for work once welcomed', async () => {
    const rig = new Rig();
    expect(rig.links).toHaveLength(0);
    rig.host.start();
    await rig.welcome();
    expect(rig.signed).toEqual([
      `idlewave hello v7\nhttps://coordinator.example\n${NONCE}\nhost_1\n`,
    ]);
    expect(rig.link.sent.map((message) => message.type)).toEqual(['hello', 'want']);
    expect(rig.link.of('want')[0]!.count).toBe(2);
    expect(rig.events.find((event) => event.type === 'welcomed')).toMatchObject({
      microCredits: 5n,
      byeUrl: 'https://coordinator.example/v1/links/bye/bye',
    });
  });

  test('a bad signature is final, too many links is not', async () => {
    const refuse = (rig: Rig, code: string): void => {
      const problem = { type: 'x', code, title: code, status: 401, detail: 'no' };
      rig.link.tell({ type: 'refused', problem });
    };
    const rig = new Rig();
    rig.host.start();
    refuse(rig, 'too-many-links');
    expect(lastState(rig)).toBe('connecting');
    refuse(rig, 'bad-signature');
    expect(rig.host.state).toMatchObject({ kind: 'stopped', by: 'refusal' });
    expect(rig.link.open).toBe(false);
  });

  test('another version of the link is final', async () => {
    const rig = new Rig();
    rig.host.start();
    rig.link.tell({ type: 'challenge', version: LINK_VERSION + 1, nonce: NONCE });
    await settle();
    expect(rig.host.state).toMatchObject({ kind: 'stopped', by: 'refusal' });
  });

  test('a link that is not welcomed in time is opened anew', async () => {
    const rig = new Rig();
    rig.host.start();
    rig.clock.pass(20_000);
    expect(lastState(rig)).toBe('backing-off');
    rig.clock.pass(1_000);
    expect(rig.links).toHaveLength(2);
    await rig.welcome();
    expect(lastState(rig)).toBe('waiting');
  });

  test('messages of an older link are dropped', async () => {
    const rig = new Rig();
    rig.host.start();
    const [old] = rig.links;
    old!.drop();
    rig.clock.pass(1_000);
    old!.tell({ type: 'challenge', version: LINK_VERSION, nonce: NONCE });
    await settle();
    expect(rig.signed).toEqual([]);
  });
});

describe('wishes', () => {
  test('are said after each welcome before any work is asked for, and when they change', async () => {
    let wishes: Wishes = { ...ALL_WORK, kind: 'model' };
    const rig = new Rig(undefined, () => wishes);
    rig.host.start();
    await rig.welcome();
    expect(rig.link.sent.slice(1).map(({ type }) => type)).toEqual(['wishes', 'want']);
    expect(rig.link.of('wishes')).toEqual([{ type: 'wishes', wishes }]);
    wishes = { ...wishes, leastRatePercent: 200 };
    rig.host.tellWishes();
    expect(rig.link.of('wishes').at(-1)).toEqual({ type: 'wishes', wishes });
    rig.link.drop();
    rig.host.retryNow();
    expect(rig.links).toHaveLength(2);
    await rig.welcome();
    expect(rig.link.of('wishes')).toEqual([{ type: 'wishes', wishes }]);
  });
});

describe('an older link', () => {
  test('that closes late does not end the newer one', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    const [old] = rig.links;
    // The browser tells of a close only after the closing handshake.
    old!.open = false;
    rig.host.freeze(false);
    rig.host.thaw();
    old!.handlers.onClose();
    expect(lastState(rig)).toBe('connecting');
    await rig.welcome();
    expect(lastState(rig)).toBe('waiting');
  });
});

describe('work', () => {
  test('computes, commits, reports with tensors when it is told what to open, and asks for the next', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    expect(lastState(rig)).toBe('working');
    rig.compute.finish('a');
    await settle();
    const tree = treeOf([3, 1, 2]);
    const root = commitmentOf('a' as AssignmentId, tree);
    expect(rig.link.of('commit')).toEqual([
      { type: 'commit', assignment: 'a', root, signature: '00'.repeat(64) },
    ]);
    expect(rig.signed.at(-1)).toBe(
      `idlewave commit v7\nhttps://coordinator.example\na\n${root}\n\n\n`,
    );
    expect([rig.link.of('report'), lastState(rig)]).toEqual([[], 'waiting']);
    await rig.open('a');
    const [report] = rig.link.of('report');
    expect(report).toMatchObject({ assignment: 'a', engine: 'cpu', computeMs: 100 });
    expect(report).toMatchObject({ challenge: CHALLENGE, openings: openingsOf(tree, CHALLENGE) });
    expect([...(valuesOf(report!.tensors!['out']!) as Uint32Array)]).toEqual([3, 1, 2]);
    expect(lastState(rig)).toBe('waiting');
    expect(rig.link.of('want').at(-1)!.count).toBeGreaterThan(2);
  });

  test('keeps one running and others in hand, and loads a program once', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    await rig.assign('b');
    await rig.assign('c');
    expect(rig.compute.runs.map((run) => run.task.id)).toEqual(['a', 'b']);
    expect(rig.compute.loads).toHaveLength(1);
    rig.compute.finish('a');
    await settle();
    expect(rig.compute.runs.map((run) => run.task.id)).toEqual(['b', 'c']);
  });

  test('a program that it is told to prepare is there when the work comes; not while paused', async () => {
    const { jobName, program, constants, feeds, outputs, flopsPerItem } = assignment('a');
    const prepare = { jobName, program, constants, feeds, outputs, flopsPerItem };
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    rig.host.pause();
    rig.link.tell({ type: 'prepare', ...prepare });
    await settle();
    expect(rig.compute.loads).toEqual([]);
    rig.host.resume();
    rig.link.tell({ type: 'prepare', ...prepare });
    rig.link.tell({ type: 'prepare', ...prepare });
    await settle();
    expect([rig.compute.loads.length, lastState(rig)]).toEqual([1, 'waiting']);
    await rig.assign('a');
    expect(rig.compute.runs).toHaveLength(1);
    expect(rig.compute.loads).toHaveLength(1);
  });

  test('an assignment sent twice is computed once, also when it was received already', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    await rig.assign('a');
    expect(rig.compute.runs).toHaveLength(1);
    rig.compute.finish('a');
    await settle();
    await rig.open('a');
    rig.link.tell({ type: 'received', assignment: 'a' as never });
    await rig.assign('a');
    expect(rig.compute.runs).toHaveLength(0);
    expect(rig.link.of('report')).toHaveLength(1);
  });

  test('settled reaches the events, with its credit', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    rig.link.tell({
      type: 'settled',
      assignment: 'a' as never,
      verdict: 'agree',
      microCredits: '7',
      items: 3,
      reason: 'two agreed',
    });
    expect(rig.events.at(-1)).toEqual({
      type: 'settled',
      assignment: 'a',
      items: 3,
      verdict: 'agree',
      microCredits: 7n,
      reason: 'two agreed',
    });
  });

  test('a failed run is a compute error; the next assignment is not touched', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    await rig.assign('b');
    rig.compute.failWith('a', 'run-failed');
    await settle();
    expect(rig.link.of('compute-error')).toMatchObject([{ assignment: 'a', code: 'run-failed' }]);
    rig.compute.finish('b');
    await settle();
    expect(rig.link.of('commit')).toMatchObject([{ assignment: 'b' }]);
  });

  test('an assignment over the tab’s own limit is refused without computing', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a', { outputs: { out: { dtype: 'F32', dims: [1024, 1024] } } });
    expect(rig.compute.runs).toHaveLength(0);
    expect(rig.link.of('compute-error')).toMatchObject([{ code: 'bad-assignment' }]);
  });

  test('revoked and refused work is dropped', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    rig.link.tell({ type: 'revoke', assignments: ['a' as never], reason: 'job-ended' });
    await settle();
    expect(rig.compute.cancelled).toEqual(['a']);
    expect(rig.link.of('report')).toHaveLength(0);
    expect(lastState(rig)).toBe('waiting');
  });

  test('a report that met the end of its lease on the way is dropped, and is no trouble to the volunteer', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    const problem = { type: 'x', code: 'lease-expired', status: 409, title: 'x', detail: 'over' };
    rig.link.tell({ type: 'refused', problem, assignment: 'a' as never });
    await settle();
    expect(rig.compute.cancelled).toEqual(['a']);
    expect(rig.events.filter((event) => event.type === 'problem')).toEqual([]);
  });

  test('what cannot be read is shown and survived', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    rig.link.handlers.onText('{"type":"nonsense"}');
    rig.link.handlers.onBinary(new Uint8Array([1, 2, 3]));
    expect(rig.events.filter((event) => event.type === 'problem')).toHaveLength(2);
    await rig.assign('a');
    expect(rig.compute.runs).toHaveLength(1);
  });
});

describe('leases', () => {
  test('are renewed a quarter of the way, running or queued, and not at every slice', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    await rig.assign('b');
    rig.compute.runs[0]!.progress(1);
    rig.compute.runs[0]!.progress(2);
    expect(rig.link.of('progress')).toHaveLength(0);
    rig.clock.pass(10_000);
    expect(rig.link.of('progress')).toMatchObject([
      { assignment: 'a', itemsDone: 2 },
      { assignment: 'b', itemsDone: 0 },
    ]);
  });

  test('pause cancels, returns the leases, and takes nothing until resumed', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    await rig.assign('b');
    rig.host.pause();
    expect(rig.compute.cancelled).toEqual(['a', 'b']);
    expect(rig.link.of('return')).toMatchObject([{ assignments: ['a', 'b'], reason: 'paused' }]);
    await rig.assign('c');
    expect(rig.link.of('return').at(-1)).toMatchObject({ assignments: ['c'], reason: 'paused' });
    rig.host.resume();
    expect(rig.link.of('want').at(-1)!.count).toBe(2);
    expect(rig.links).toHaveLength(1);
  });

  test('closing the page returns the leases before the link closes; coming back connects', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    const [first] = rig.links;
    rig.host.freeze(true);
    expect(first!.sent.at(-1)).toMatchObject({ type: 'leave', reason: 'closing' });
    expect(first!.open).toBe(false);
    expect(rig.compute.cancelled).toEqual(['a']);
    rig.host.thaw();
    expect(rig.links).toHaveLength(2);
  });
});

describe('a lost device', () => {
  test('the program is loaded again and the same assignment finishes', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    rig.compute.runs[0]!.progress(1);
    rig.compute.failWith('a', 'device-lost');
    await settle();
    expect(lastState(rig)).toBe('recovering');
    expect(rig.compute.loads).toHaveLength(2);
    rig.compute.finish('a');
    await settle();
    // Whoever was told that it is fetched again is told that it runs again.
    const told = rig.events.map(({ type }) => type);
    expect(told.filter((type) => type === 'fetching' || type === 'computing')).toEqual([
      'fetching',
      'computing',
      'fetching',
      'computing',
    ]);
    expect(rig.link.of('commit')).toMatchObject([{ assignment: 'a' }]);
    expect(rig.link.of('compute-error')).toEqual([]);
    expect(lastState(rig)).toBe('waiting');
  });

  test('an assignment that loses it again is left to others', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    rig.compute.failWith('a', 'worker-died');
    await settle();
    rig.compute.failWith('a', 'worker-died');
    await settle();
    expect(rig.link.of('compute-error')).toMatchObject([{ code: 'worker-died' }]);
  });

  test('when nothing can compute any more the host stops and says why', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    await rig.assign('a');
    rig.compute.failWith('a', 'unavailable');
    await settle();
    expect(rig.host.state).toEqual({ kind: 'stopped', by: 'compute', text: 'it unavailable' });
    expect(rig.link.of('leave')).toMatchObject([{ reason: 'closing' }]);
  });
});
