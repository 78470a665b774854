import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LINK_STATES,
  retryDelayMs,
  stepLifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
  type LifecycleState,
} from './lifecycle.ts';

const eventArbitrary: fc.Arbitrary<LifecycleEvent> = fc.oneof(
  fc.constantFrom<LifecycleEvent>(
    { type: 'start', resting: false },
    { type: 'start', resting: true },
    { type: 'pause', unlink: false },
    { type: 'pause', unlink: true },
    { type: 'resume' },
    { type: 'stop' },
    { type: 'hand-over' },
    { type: 'handed-over' },
    { type: 'thaw' },
    { type: 'link-closed' },
    { type: 'retry-due' },
    { type: 'assigned' },
    { type: 'drained' },
    { type: 'refused', text: 'no' },
    { type: 'nothing-to-do', text: 'no jobs' },
    { type: 'compute-lost', text: 'gone' },
    { type: 'compute-failed', text: 'gone for good' },
  ),
  fc.boolean().map((closing): LifecycleEvent => ({ type: 'freeze', closing })),
  fc.boolean().map((busy): LifecycleEvent => ({ type: 'welcomed', busy })),
  fc.boolean().map((busy): LifecycleEvent => ({ type: 'compute-back', busy })),
);

const START: readonly [LifecycleEvent, number] = [{ type: 'start', resting: false }, 0];

/** What the effects did to the world outside: whether a socket is open and a retry is pending. */
interface World {
  linked: boolean;
  retryPending: boolean;
}

function carryOut(world: World, effects: readonly LifecycleEffect[]): void {
  for (const effect of effects) {
    switch (effect.type) {
      case 'connect':
        expect(world.linked, 'a second link').toBe(false);
        world.linked = true;
        break;
      case 'disconnect':
        expect(world.linked, 'a link to close').toBe(true);
        world.linked = false;
        break;
      case 'schedule-retry':
        expect(world.retryPending, 'a second retry').toBe(false);
        world.retryPending = true;
        break;
      case 'cancel-retry':
        expect(world.retryPending, 'a retry to cancel').toBe(true);
        world.retryPending = false;
        break;
      case 'ask-for-work':
        expect(world.linked, 'asking without a link').toBe(true);
        break;
      case 'say-hand-over':
        expect(world.linked, 'handing over without a link').toBe(true);
        break;
      case 'return-work':
        break;
      default:
        effect satisfies never;
    }
  }
}

/** Events that come from a socket or a timer come only while there is one. */
function happens(world: World, event: LifecycleEvent): boolean {
  if (event.type === 'link-closed') {
    if (!world.linked) return false;
    world.linked = false;
  }
  if (event.type === 'retry-due') {
    if (!world.retryPending) return false;
    world.retryPending = false;
  }
  return event.type !== 'welcomed' || world.linked;
}

const hasLink = (state: LifecycleState): boolean =>
  LINK_STATES.includes(state.kind) || (state.kind === 'paused' && state.linked);

describe('lifecycle', () => {
  test('link and retry exist exactly where the state says, after any history', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(eventArbitrary, fc.float({ min: 0, max: Math.fround(0.999) })), {
          maxLength: 40,
          size: 'max',
        }),
        (history) => {
          let state: LifecycleState = { kind: 'idle' };
          const world: World = { linked: false, retryPending: false };
          for (const [event, random] of [START, ...history]) {
            if (!happens(world, event)) continue;
            const step = stepLifecycle(state, event, random);
            carryOut(world, step.effects);
            state = step.state;
            expect(world.linked, `${event.type} -> ${state.kind}`).toBe(hasLink(state));
            expect(world.retryPending, state.kind).toBe(state.kind === 'backing-off');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('nothing starts computing without start, and nothing goes on after stop', () => {
    fc.assert(
      fc.property(fc.array(eventArbitrary), fc.boolean(), (history, stopped) => {
        let state: LifecycleState = stopped
          ? { kind: 'stopped', by: 'person', text: '' }
          : { kind: 'idle' };
        const before = state;
        for (const event of history) {
          if (event.type === 'start') continue;
          const step = stepLifecycle(state, event, 0.5);
          expect(step.effects).toEqual([]);
          state = step.state;
        }
        expect(state).toEqual(before);
      }),
    );
  });

  test('started while it must rest, it opens nothing before it is resumed', () => {
    const resting = stepLifecycle({ kind: 'idle' }, { type: 'start', resting: true }, 0.5);
    expect(resting).toEqual({ state: { kind: 'paused', linked: false }, effects: [] });
    const resumed = stepLifecycle(resting.state, { type: 'resume' }, 0.5);
    expect(resumed.effects).toEqual([{ type: 'connect' }]);
  });

  test('whatever leaves a working state for rest gives the work back', () => {
    fc.assert(
      fc.property(eventArbitrary, (event) => {
        const { state, effects } = stepLifecycle({ kind: 'working' }, event, 0.5);
        const rests = ['paused', 'frozen', 'stopped'].includes(state.kind);
        expect(effects.some((effect) => effect.type === 'return-work')).toBe(rests);
      }),
    );
  });

  test('who hands over ends, unless the person stays or pauses; and gives back what is left', () => {
    fc.assert(
      fc.property(eventArbitrary, (event) => {
        const { state, effects } = stepLifecycle({ kind: 'handing-over' }, event, 0.5);
        expect(['handing-over', 'stopped', 'paused', 'waiting']).toContain(state.kind);
        expect(state.kind === 'waiting').toBe(event.type === 'resume');
        const rests = state.kind === 'stopped' || state.kind === 'paused';
        expect(effects.some((effect) => effect.type === 'return-work')).toBe(rests);
      }),
    );
  });

  test('retries wait between a quarter second and thirty, spread over the whole window', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1000 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (attempt, random) => {
          const delayMs = retryDelayMs(attempt, random);
          expect(delayMs).toBeGreaterThanOrEqual(250);
          expect(delayMs).toBeLessThan(30_000);
        },
      ),
    );
    expect(retryDelayMs(0, 0.9)).toBe(900);
    expect(retryDelayMs(3, 0.5)).toBe(4_000);
    expect(retryDelayMs(20, 0.5)).toBe(15_000);
  });

  test('a link that was welcomed starts the retries anew; failures in a row lengthen them', () => {
    const failing = stepLifecycle({ kind: 'connecting', attempt: 3 }, { type: 'link-closed' }, 0.5);
    expect(failing.state).toEqual({ kind: 'backing-off', attempt: 4, delayMs: 8_000 });
    const welcomed = stepLifecycle({ kind: 'working' }, { type: 'link-closed' }, 0.5);
    expect(welcomed.state).toEqual({ kind: 'backing-off', attempt: 0, delayMs: 500 });
  });
});
