/** A session adds up what one tab did between a start and the next, and never counts a piece of credit twice. */
import { expect, test } from 'vitest';
import type { AssignmentId } from '../../shared/ids.ts';
import type { HostEvent } from '../volunteer/events.ts';
import { NO_SESSION, SessionTally, type Session } from './session.ts';

const id = (name: string) => name as AssignmentId;
const computed = (assignment: string, job = 'job_1', worth = 10n, items = 5): HostEvent => ({
  type: 'computed',
  assignment: id(assignment),
  job,
  jobName: `name of ${job}`,
  author: 'key_1',
  worthMicroCredits: worth,
  items,
  engine: 'cpu',
  reason: '',
  computeMs: 1,
});
const settled = (assignment: string, microCredits: bigint): HostEvent => ({
  type: 'settled',
  assignment: id(assignment),
  items: 5,
  verdict: microCredits > 0n ? 'agree' : 'disagree',
  microCredits,
  reason: '',
});
const WORKING: HostEvent = { type: 'state', state: { kind: 'working' } };
const STOPPED: HostEvent = { type: 'state', state: { kind: 'stopped', by: 'person', text: '' } };
const PAUSED: HostEvent = { type: 'state', state: { kind: 'paused', linked: true } };

function after(...events: (readonly [number, HostEvent])[]): Session {
  const tally = new SessionTally();
  return events.reduce<Session>((_, [atMs, event]) => tally.take(event, atMs), NO_SESSION);
}

test('time counts while it computes, and not while it rests', () => {
  const session = after([1_000, WORKING], [4_000, PAUSED], [60_000, WORKING], [61_500, STOPPED]);
  expect(session.computedMs).toBe(4_500);
});

test('what was computed waits until it is judged, and is credited by what the coordinator says', () => {
  const two = [
    [0, WORKING],
    [1, computed('a')],
    [2, computed('b', 'job_1', 30n)],
  ] as const;
  expect(after(...two)).toMatchObject({
    items: 10,
    pieces: 2,
    waiting: 2,
    waitingMicroCredits: 40n,
  });
  const one = after(...two, [3, settled('a', 9n)], [4, settled('a', 0n)]);
  expect(one).toMatchObject({ waiting: 1, waitingMicroCredits: 30n });
  expect(one).toMatchObject({ credited: 1, creditedMicroCredits: 9n, refused: 1 });
  const none = after(...two, [3, { type: 'revoked', assignments: [id('a'), id('b'), id('c')] }]);
  expect(none).toMatchObject({ waiting: 0, waitingMicroCredits: 0n, creditedMicroCredits: 0n });
});

test('a piece that is computed again waits once', () => {
  const session = after([0, WORKING], [1, computed('a')], [2, computed('a')]);
  expect(session).toMatchObject({ waiting: 1, waitingMicroCredits: 10n });
});

test('says for whom, the most first; of very many jobs the rest by number', () => {
  const session = after([0, WORKING], [1, computed('a')], [2, computed('b', 'job_2', 1n, 9)]);
  expect(session.jobs.map(({ job, items }) => [job, items])).toEqual([
    ['job_2', 9],
    ['job_1', 5],
  ]);
  const many = Array.from({ length: 25 }, (_, i) => [i, computed(`x${i}`, `job_${i}`)] as const);
  const crowded = after([0, WORKING], ...many);
  expect([crowded.jobs.length, crowded.moreJobs]).toEqual([20, 5]);
});

test('the next start begins anew; a pause does not', () => {
  const tally = new SessionTally();
  tally.take(WORKING, 0);
  tally.take(computed('a'), 1);
  tally.take(PAUSED, 2);
  expect(tally.take(WORKING, 3).pieces).toBe(1);
  tally.take(STOPPED, 4);
  expect(tally.take(STOPPED, 5).pieces).toBe(1);
  expect(tally.take({ type: 'state', state: { kind: 'connecting', attempt: 0 } }, 6)).toEqual(
    NO_SESSION,
  );
});
