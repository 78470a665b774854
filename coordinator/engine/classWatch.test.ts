/** What a class is remembered by, and what made-up names cannot push out. */
import { expect, it } from 'vitest';
import type { ContributorId } from '../../shared/ids.ts';
import { ClassWatch } from './classWatch.ts';
import { Hosts } from './hosts.ts';
import { Tick } from './tick.ts';

const PROGRAM = 'v1/model';

function watch() {
  const classes = new ClassWatch({
    hosts: new Hosts(),
    now: () => 1,
    notice: () => undefined,
    respond: () => undefined,
  });
  const tick = new Tick();
  const file = (engineClass: string, who: string, isWrong: boolean) => {
    const finding = { contributor: `c_${who}` as ContributorId, cohort: who, clean: 9, isWrong };
    classes.file(tick, PROGRAM, engineClass, finding);
  };
  return { classes, tick, file };
}

it('made-up names push out each other, in memory and in the store, and not a class that was wrong', () => {
  const { classes, tick, file } = watch();
  for (const who of ['a', 'b', 'c']) file('wasm', who, false);
  file('webgpu/broken', 'x', true);
  for (let i = 0; i < 1_000; i++) file(`webgpu/invented ${i}`, 'liar', false);
  expect(classes.all().length).toBeLessThanOrEqual(64);
  const { engineClasses, droppedClasses } = tick.changes(0);
  expect(engineClasses).toHaveLength(classes.all().length);
  expect(droppedClasses.length).toBeGreaterThan(900);
  for (const who of ['y', 'z']) file('webgpu/broken', who, true);
  expect(classes.isQuarantined(PROGRAM, 'webgpu/broken')).toBe(true);
});
