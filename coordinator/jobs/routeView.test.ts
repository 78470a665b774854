/** A route as its author sees it. */
import { expect, it } from 'vitest';
import { StagedRig } from '../engine/testing/stagedRig.ts';
import { routeView } from './routeView.ts';

it('says who has which stages, how fast, and which of them the others wait for', async () => {
  const staged = await StagedRig.started(3);
  const [a, b] = await staged.joinAll('a', 'b');
  const { routes } = staged.rig.engine;
  const before = routeView(staged.job, routes.of(staged.job.id)!, routes.speeds);
  expect(before).toMatchObject({ stages: 3, epoch: 0, inFlight: 4 });
  expect(before.places.map(({ first, last }) => [first, last]).flat()).toHaveLength(4);
  expect(before.places.every(({ itemsPerSecond }) => itemsPerSecond === null)).toBe(true);
  expect(before.text).toBe('3 stages on 2 volunteers, 4 shards under way.');

  // As fast as the referee, which takes 1 ms a stage: one gives 1,000 items of one stage a second, the other as many of two.
  for (const { host } of [a!, b!]) {
    // The first report is a cold one's, and not counted.
    routes.speeds.note(host, 1, 1_000);
    routes.speeds.note(host, 1_000, 1_000);
  }
  const { places, text } = routeView(staged.job, routes.of(staged.job.id)!, routes.speeds);
  expect(places.map(({ itemsPerSecond }) => itemsPerSecond).sort()).toEqual([1_000, 500]);
  const slow = places.find(({ itemsPerSecond }) => itemsPerSecond === 500)!;
  expect(slow.last - slow.first).toBe(1);
  expect(text).toContain(
    `stages ${slow.first + 1} to ${slow.last + 1} gives about 500 items a second`,
  );
  await staged.rig.engine.stop();
});
