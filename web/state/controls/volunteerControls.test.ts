/** Signals, settings and time lead to decisions when they change, and nothing is asked again in between. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, GIVE_ALL } from '../../volunteer/controls/settings.ts';
import { ManualClock } from '../../volunteer/testing.ts';
import type { Source } from './source.ts';
import type { StoredText } from './storedText.ts';
import { VolunteerControls, type ControlSources, type ControlsView } from './volunteerControls.ts';

const HOUR_MS = 3_600_000;

class Told<T> implements Source<T> {
  isAvailable = true;
  #listeners = new Set<(value: T) => void>();
  watch(onChange: (value: T) => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }
  tell(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  get watched(): number {
    return this.#listeners.size;
  }
}

class Memory implements StoredText {
  text: string | null;
  #changed: () => void = () => undefined;
  constructor(text: string | null = null) {
    this.text = text;
  }
  read(): string | null {
    return this.text;
  }
  write(text: string): void {
    this.text = text;
  }
  onChange(listener: () => void): void {
    this.#changed = listener;
  }
  /** Another tab writes it. */
  become(text: string): void {
    this.text = text;
    this.#changed();
  }
}

function rig(stored: string | null = JSON.stringify(DEFAULT_SETTINGS)) {
  const clock = new ManualClock();
  const settings = new Memory(stored);
  const breakUntil = new Memory();
  const sources = {
    battery: new Told<{ charging: boolean; level: number }>(),
    pressure: new Told<'nominal' | 'fair' | 'serious' | 'critical'>(),
    metered: new Told<boolean>(),
    visible: new Told<boolean>(),
    touch: new Told<number>(),
    deviceInUse: new Told<boolean>(),
  } satisfies ControlSources;
  const wallMs = () => 1_800_000_000_000 + clock.nowMs();
  const controls = new VolunteerControls({
    sources,
    clock,
    localTime: () => ({ wallMs: wallMs(), weekMs: clock.nowMs(), toMidnightMs: HOUR_MS }),
    settings,
    breakUntil,
    bytesToday: () => 0,
  });
  const seen: ControlsView[] = [];
  controls.subscribe((view) => seen.push(view));
  const rests = (): string | null => {
    const { decision } = controls.view;
    return decision.kind === 'rest' ? decision.because.kind : null;
  };
  return { clock, settings, breakUntil, sources, controls, seen, rests, wallMs };
}

describe('VolunteerControls', () => {
  test('listens to the device only while it is to', () => {
    const { controls, sources, rests } = rig();
    for (const source of Object.values(sources)) expect(source.watched).toBe(0);
    controls.watch();
    controls.watch();
    for (const source of Object.values(sources)) expect(source.watched).toBe(1);
    sources.battery.tell({ charging: false, level: 0.1 });
    expect(rests()).toBe('battery');
    controls.unwatch();
    for (const source of Object.values(sources)) expect(source.watched).toBe(0);
  });

  test('a touch slows it down for ten seconds, by one timer', () => {
    const { controls, sources, clock, wallMs } = rig();
    controls.watch();
    sources.touch.tell(wallMs());
    expect(controls.view.decision).toMatchObject({ duty: { gpu: 0.25 } });
    clock.pass(9_000);
    expect(controls.view.decision).toMatchObject({ duty: { gpu: 0.25 } });
    clock.pass(1_100);
    expect(controls.view.decision).toMatchObject({ duty: { gpu: 0.5 }, lookAgainInMs: null });
  });

  test('critical pressure is over half a minute after it was last told', () => {
    const { controls, sources, clock, rests } = rig();
    controls.watch();
    sources.pressure.tell('critical');
    clock.pass(100_000);
    expect(rests()).toBe('pressure');
    sources.pressure.tell('nominal');
    clock.pass(29_000);
    expect(rests()).toBe('pressure');
    clock.pass(1_100);
    expect(rests()).toBeNull();
  });

  test('a break ends by itself, is kept, and holds in other tabs', () => {
    const { controls, clock, breakUntil, rests, wallMs } = rig();
    controls.watch();
    controls.takeBreak(HOUR_MS);
    expect(rests()).toBe('break');
    expect(Number(breakUntil.text)).toBe(wallMs() + HOUR_MS);
    clock.pass(HOUR_MS + 100);
    expect(rests()).toBeNull();
    breakUntil.become(String(wallMs() + HOUR_MS));
    expect(rests()).toBe('break');
    controls.takeBreak(0);
    expect(rests()).toBeNull();
  });

  test('what is chosen is written at once; what is beyond the limits is not taken', () => {
    const { controls, settings } = rig();
    controls.choose({ gpuPercent: 30 });
    expect(JSON.parse(settings.text!)).toMatchObject({ gpuPercent: 30 });
    controls.choose({ gpuPercent: Number.NaN });
    expect(controls.view.settings.gpuPercent).toBe(30);
  });

  test('another tab’s choice holds here', () => {
    const { controls, settings } = rig();
    settings.become(JSON.stringify(GIVE_ALL));
    expect(controls.view.settings).toEqual(GIVE_ALL);
  });

  test('a broken record is said, until something is chosen', () => {
    const { controls } = rig('{"version":99}');
    expect(controls.view).toMatchObject({ wasBroken: true, settings: DEFAULT_SETTINGS });
    controls.choose({});
    expect(controls.view.wasBroken).toBe(false);
  });

  test('no timer is left behind', () => {
    const { controls, sources, clock, seen, wallMs } = rig();
    controls.watch();
    sources.touch.tell(wallMs());
    controls.unwatch();
    const before = seen.length;
    clock.pass(HOUR_MS);
    expect(seen.length).toBe(before);
  });
});
