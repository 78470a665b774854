/** A host that hands over: nothing new, what it holds to the end, and then it stops. */
import { describe, expect, test } from 'vitest';
import type { JobId, PeerId, RouteId } from '../../shared/ids.ts';
import { HAND_OVER_DEADLINE_MS, RECEIPT_DEADLINE_MS } from '../../shared/limits.ts';
import type { RoutePlace, StageOfAssignment } from '../../shared/protocol/link.ts';
import { Rig, settle } from './testing.ts';

const ROUTE = 'route_1' as RouteId;
const PLACE: RoutePlace = {
  type: 'route',
  route: ROUTE,
  jobName: 'a job',
  epoch: 0,
  first: 1,
  last: 1,
  of: 3,
  self: { peer: 'peer_1' as PeerId, token: 'secret' },
  iceServers: [],
  from: 'peer_0' as PeerId,
  to: 'peer_2' as PeerId,
};
const STAGE: StageOfAssignment = { route: ROUTE, index: 1, of: 3, sequence: 4, inputs: {} };

/** With work in hand, and a place on a route. */
async function placed(): Promise<Rig> {
  const rig = new Rig();
  rig.host.start();
  await rig.welcome();
  await rig.assign('a');
  rig.link.tell(PLACE);
  return rig;
}

async function finish(rig: Rig, id: string): Promise<void> {
  rig.compute.finish(id);
  await settle();
  await rig.open(id);
  rig.link.tell({ type: 'received', assignment: id as never });
}

describe('handing over', () => {
  test('finishes what is in hand and what is under way on its route, takes nothing else, then stops', async () => {
    const rig = await placed();
    rig.host.handOver();
    expect(rig.host.state.kind).toBe('handing-over');
    expect(rig.link.of('hand-over')).toHaveLength(1);
    await rig.assign('new', { job: 'job_2' as JobId });
    expect(rig.link.of('return')).toMatchObject([{ assignments: ['new'] }]);
    await rig.assign('stage', { stage: STAGE });
    expect(rig.link.of('return')).toHaveLength(1);

    await finish(rig, 'a');
    rig.link.tell({ type: 'revoke', assignments: ['stage' as never], reason: 'withdrawn' });
    expect(rig.host.state.kind).toBe('handing-over');
    const asked = rig.link.of('want').length;
    rig.link.tell({ type: 'route-ended', route: ROUTE });
    expect(rig.host.state).toEqual({ kind: 'stopped', by: 'person', text: '' });
    expect(rig.link.of('want')).toHaveLength(asked);
    expect(rig.link.sent.at(-1)).toEqual({ type: 'leave', reason: 'closing' });
    expect(rig.link.open).toBe(false);
  });

  test('waits for the report of what it computed to be safe, also when its place is gone', async () => {
    const rig = await placed();
    rig.host.handOver();
    rig.compute.finish('a');
    await settle();
    rig.link.tell({ type: 'route-ended', route: ROUTE });
    expect(rig.host.state.kind).toBe('handing-over');
    await rig.open('a');
    rig.link.tell({ type: 'received', assignment: 'a' as never });
    expect(rig.host.state.kind).toBe('stopped');
  });

  test('stops at once where nothing is held', async () => {
    const rig = new Rig();
    rig.host.start();
    await rig.welcome();
    rig.host.handOver();
    expect(rig.host.state).toMatchObject({ kind: 'stopped', by: 'person' });
    expect(rig.events.at(-1)).toMatchObject({ type: 'state', state: { kind: 'stopped' } });
  });

  test('is taken back by asking for work again', async () => {
    const rig = await placed();
    rig.host.handOver();
    rig.host.resume();
    expect(rig.host.state.kind).toBe('working');
    expect(rig.link.sent.slice(-2).map(({ type }) => type)).toEqual(['hand-over', 'want']);
    await finish(rig, 'a');
    rig.clock.pass(HAND_OVER_DEADLINE_MS + RECEIPT_DEADLINE_MS);
    expect(rig.host.state.kind).not.toBe('stopped');
  });

  test('that takes too long ends, and gives back what is left', async () => {
    const rig = await placed();
    rig.host.handOver();
    rig.clock.pass(HAND_OVER_DEADLINE_MS);
    expect(rig.host.state.kind).toBe('handing-over');
    rig.clock.pass(RECEIPT_DEADLINE_MS);
    expect(rig.host.state.kind).toBe('stopped');
    expect(rig.compute.cancelled).toEqual(['a']);
    expect(rig.link.of('leave')).toHaveLength(1);
  });

  test('ends with the link: there is nothing to come back for', async () => {
    const rig = await placed();
    rig.host.handOver();
    rig.link.drop();
    expect(rig.host.state.kind).toBe('stopped');
    rig.clock.pass(60_000);
    expect(rig.links).toHaveLength(1);
  });

  test('a pause gives everything back at once', async () => {
    const rig = await placed();
    rig.host.handOver();
    rig.host.pause();
    expect(rig.host.state).toEqual({ kind: 'paused', linked: true });
    expect(rig.link.of('return')).toMatchObject([{ assignments: ['a'], reason: 'paused' }]);
    // The coordinator counts it as wanting nothing: said before, and to be said again when it does.
    rig.host.resume();
    expect(rig.link.of('want').at(-1)!.count).toBeGreaterThan(0);
  });
});
