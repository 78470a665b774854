/** The gate of the start button, rule by rule, with the page's tricks as they come. */
import { describe, expect, it } from 'vitest';
import {
  AIMED_MS,
  FOCUSED_MS,
  MAX_TAPS_MS,
  SEEN_MS,
  StartGate,
  type Click,
  type StartRefusal,
} from './startGate.ts';

const SEEN = { ratio: 1, isVisible: true };
const at = (atMs: number, x = 50, frameX = 200) => ({
  atMs,
  screenX: frameX + x,
  screenY: 130,
  clientX: x,
  clientY: 30,
});
const click = (atMs: number, change: Partial<Click> = {}): Click => ({
  ...at(atMs),
  isTrusted: true,
  isActive: true,
  detail: 1,
  by: 'mouse',
  widthPx: 300,
  heightPx: 250,
  ...change,
});
/** Seen from 0 on, with a pointer that moves about in it. */
function aimed(): StartGate {
  const gate = new StartGate();
  gate.see({ atMs: 0, ...SEEN });
  gate.aim(at(0, 45));
  gate.aim(at(0));
  return gate;
}

it('a click of a person who looked opens it', () => {
  expect(aimed().check(click(SEEN_MS))).toBeNull();
  expect(aimed().check(click(SEEN_MS - 1))).toBe('just-appeared');
});

describe.each<[string, Partial<Click>, StartRefusal]>([
  ['made by a script', { isTrusted: false }, 'not-a-person'],
  ['without a person about', { isActive: false }, 'not-a-person'],
  ['in a narrow frame', { widthPx: 199 }, 'too-small'],
  ['in a low frame', { heightPx: 99 }, 'too-small'],
  ['that is the second of two', { detail: 2 }, 'repeated'],
])('a click %s', (_, change, refusal) => {
  it('is refused', () => {
    expect(aimed().check(click(5_000, change))).toBe(refusal);
  });
});

it.each([
  ['covered', { ratio: 1, isVisible: false }],
  ['scrolled in part', { ratio: 0.6, isVisible: true }],
])('what is %s has to be seen anew', (_, sight) => {
  const gate = aimed();
  gate.see({ atMs: 1_000, ...sight });
  expect(gate.check(click(1_100))).toBe('not-seen');
  gate.see({ atMs: 1_200, ...SEEN });
  expect(gate.check(click(1_300))).toBe('just-appeared');
  expect(gate.check(click(1_200 + SEEN_MS))).toBeNull();
});

it('a browser that cannot tell what covers it goes by what is in view', () => {
  const gate = new StartGate();
  gate.see({ atMs: 0, ratio: 1, isVisible: undefined });
  gate.aim(at(0, 45));
  gate.aim(at(0));
  expect(gate.check(click(SEEN_MS))).toBeNull();
});

describe('a frame that moves', () => {
  it('under a pointer that rests is refused', () => {
    const gate = aimed();
    gate.aim(at(900, 50, 200));
    // The same place on the screen, another one in the frame.
    expect(gate.check(click(1_000, at(1_000, 20, 230)))).toBe('moved');
  });

  it('along with the pointer is refused', () => {
    const gate = aimed();
    gate.aim(at(900, 50, 260));
    expect(gate.check(click(1_000, at(1_000, 50, 260)))).toBe('moved');
    gate.aim(at(950, 52, 260));
    expect(gate.check(click(0, at(900 + SEEN_MS + 1, 52, 260)))).toBeNull();
  });

  it('came under the pointer just now: it was not aimed at', () => {
    const gate = new StartGate();
    gate.see({ atMs: 0, ...SEEN });
    gate.aim(at(1_000, 45));
    gate.aim(at(1_000));
    expect(gate.check(click(1_000 + AIMED_MS - 1))).toBe('just-appeared');
    expect(gate.check(click(1_000 + AIMED_MS))).toBeNull();
  });

  it('came under a pointer that rests: however long it lies there, nothing is opened', () => {
    const gate = new StartGate();
    gate.see({ atMs: 0, ...SEEN });
    // What browsers tell of by themselves when something has moved.
    for (const atMs of [1_000, 1_050, 1_500]) gate.aim(at(atMs));
    expect(gate.check(click(9_000))).toBe('just-appeared');
    gate.aim(at(9_100, 51));
    expect(gate.check(click(9_200, at(9_200, 51)))).toBeNull();
  });

  it.each([0.25, 0.5, 1, 1.1, 2, 5])('is told from a pointer that moves at zoom %d', (zoom) => {
    const gate = new StartGate();
    gate.see({ atMs: 0, ...SEEN });
    for (let x = 0; x <= 100; x += 10) {
      gate.aim({ atMs: x, screenX: 300 + x * zoom, screenY: 90, clientX: x, clientY: 20 });
    }
    const last = { screenX: 300 + 100 * zoom, screenY: 90, clientX: 100, clientY: 20 };
    expect(gate.check(click(SEEN_MS, { ...last, atMs: SEEN_MS }))).toBeNull();
  });
});

describe('a finger', () => {
  const tap = (atMs: number, frameX = 200) => click(atMs, { by: 'touch', ...at(atMs, 50, frameX) });
  const tapped = (): StartGate => {
    const gate = new StartGate();
    gate.see({ atMs: 0, ...SEEN });
    expect(gate.check(tap(1_000))).toBe('tap-again');
    return gate;
  };

  it('taps twice, with a moment in between', () => {
    expect(tapped().check(tap(1_000 + SEEN_MS))).toBeNull();
    expect(tapped().check(tap(1_000 + SEEN_MS - 1))).toBe('tap-again');
    expect(tapped().check(tap(1_000 + MAX_TAPS_MS + 1))).toBe('tap-again');
  });

  it('has to tap where the box was, and has stayed seen', () => {
    expect(tapped().check(tap(2_000, 300))).toBe('tap-again');
  });

  it('begins anew where the box was hidden in between', () => {
    const gate = tapped();
    gate.see({ atMs: 1_100, ratio: 1, isVisible: false });
    gate.see({ atMs: 1_200, ...SEEN });
    expect(gate.check(tap(2_000))).toBe('tap-again');
    expect(gate.check(tap(2_600))).toBeNull();
  });
});

it('a key counts where the button had the focus a while, and is pressed once', () => {
  const key = (atMs: number) => click(atMs, { by: 'key', detail: 0 });
  const gate = new StartGate();
  gate.see({ atMs: 0, ...SEEN });
  expect(gate.check(key(1_000))).toBe('just-appeared');
  gate.focus(1_000);
  expect(gate.check(key(1_000 + FOCUSED_MS - 1))).toBe('just-appeared');
  expect(gate.check(key(1_000 + FOCUSED_MS))).toBeNull();
  gate.key(true);
  expect(gate.check(key(2_000))).toBe('repeated');
  gate.key(false);
  expect(gate.check(key(2_000))).toBeNull();
  gate.focus(null);
  expect(gate.check(key(3_000))).toBe('just-appeared');
});
