import { describe, expect, test } from 'vitest';
import type { AssignmentId, ContributorId } from '../../shared/ids.ts';
import type { HostEvent } from '../volunteer/events.ts';
import { volunteerStore } from './volunteerStore.ts';
import { EMPTY_VIEW, foldEvent, itemsPerSecond, type VolunteerView } from './volunteerView.ts';

const a = 'a' as AssignmentId;
const computing = {
  type: 'computing',
  assignment: a,
  job: 'job_1',
  author: 'key_1',
  ratePercent: 100,
  jobName: 'digits',
  program: 'ONNX model 12345678',
  items: 100,
} satisfies HostEvent;
const progress = (itemsDone: number, newItems: number, assignment = a): HostEvent => ({
  type: 'progress',
  assignment,
  itemsDone,
  newItems,
});
const settled = (microCredits: bigint): HostEvent => ({
  type: 'settled',
  assignment: a,
  items: 100,
  verdict: microCredits > 0n ? 'agree' : 'disagree',
  microCredits,
  reason: 'two agreed',
});
const fold = (events: readonly (readonly [number, HostEvent])[]): VolunteerView =>
  events.reduce((view, [atMs, event]) => foldEvent(view, event, atMs), EMPTY_VIEW);

describe('volunteer view', () => {
  test('what runs goes on while a place is handed over, and rests with a pause', () => {
    const view = fold([
      [0, computing],
      [1, { type: 'state', state: { kind: 'handing-over' } }],
    ]);
    expect(view.running).toMatchObject({ assignment: 'a' });
    const paused = foldEvent(view, { type: 'state', state: { kind: 'paused', linked: true } }, 2);
    expect(paused.running).toBeNull();
  });

  test('credit is what the welcome said plus what settled since; a new welcome replaces the sum', () => {
    const welcome = (microCredits: bigint): HostEvent => ({
      type: 'welcomed',
      contributor: 'c' as ContributorId,
      microCredits,
      byeUrl: '',
    });
    const view = fold([
      [0, welcome(10n)],
      [1, settled(5n)],
      [2, settled(0n)],
    ]);
    expect(view).toMatchObject({ microCredits: 15n, earnedMicroCredits: 5n });
    expect(view.verdicts).toMatchObject({ agree: 1, disagree: 1 });
    const again = foldEvent(view, welcome(15n), 3);
    expect(again).toMatchObject({ microCredits: 15n, earnedMicroCredits: 5n });
  });

  test('items count whichever assignment they are of; the bar shows the one announced last', () => {
    const view = fold([
      [0, computing],
      [1, { ...computing, assignment: 'b' as AssignmentId }],
      [2, progress(100, 100, a)],
      [3, progress(7, 7, 'b' as AssignmentId)],
    ]);
    expect(view.itemsDone).toBe(107);
    expect(view.running).toMatchObject({ assignment: 'b', itemsDone: 7 });
  });

  test('the rate is of the last ten seconds and ends with them', () => {
    const view = fold([
      [0, computing],
      [1_000, progress(10, 10)],
      [2_000, progress(30, 20)],
      [3_000, progress(50, 20)],
    ]);
    expect(itemsPerSecond(view, 3_000)).toBe(20);
    expect(itemsPerSecond(view, 5_000)).toBe(10);
    expect(itemsPerSecond(view, 20_000)).toBeNull();
  });

  test('at rest nothing is shown as running', () => {
    const view = fold([
      [0, computing],
      [1, { type: 'state', state: { kind: 'paused', linked: true } }],
    ]);
    expect(view.running).toBeNull();
  });
});

describe('volunteer store', () => {
  test('tells at once and at every change, until it is told to end', () => {
    const store = volunteerStore(() => 0);
    const seen: string[] = [];
    const end = store.subscribe((view) => seen.push(view.state.kind));
    store.setElsewhere(true);
    store.setElsewhere(false);
    end();
    store.setElsewhere(true);
    expect(seen).toEqual(['idle', 'elsewhere', 'idle']);
  });
});
