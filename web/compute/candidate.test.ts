/** The choice between engines by a clock that the test turns. */
import { describe, expect, it } from 'vitest';
import type { ItemBatch } from '../../shared/program.ts';
import type { ProgramSource } from './api.ts';
import { chooseEngine, NoEngineError, type Candidate } from './candidate.ts';

const BATCH: ItemBatch = { items: [0, 1], stacked: {}, constants: {} };
const SOURCE = {} as ProgramSource;

function bench() {
  let nowMs = 0;
  const runs: string[] = [];
  const closed: string[] = [];
  /** `msOf` is told how often it ran before. */
  const candidate = (label: string, msOf: (run: number) => number): Candidate => {
    let count = 0;
    return {
      engine: 'webgpu',
      label,
      open: () =>
        Promise.resolve({
          runner: {
            itemsPerRun: 2,
            run: async () => {
              runs.push(label);
              const ms = msOf(count++);
              if (ms === Infinity) throw new Error('gone');
              nowMs += ms;
              return Promise.resolve({});
            },
          },
          close: async () => void closed.push(label),
        }),
    };
  };
  const choose = (...list: Candidate[]) =>
    chooseEngine({ list, note: '' }, SOURCE, BATCH, {
      nowMs: () => nowMs,
      alive: () => {
        if (nowMs >= calledOffMs) throw new Error('called off');
      },
    });
  let calledOffMs = Infinity;
  const callOffAt = (ms: number): void => void (calledOffMs = ms);
  return { candidate, choose, callOffAt, runs, closed };
}

describe('chooseEngine', () => {
  it('takes the faster one and closes the other', async () => {
    const { candidate, choose, closed } = bench();
    const chosen = await choose(
      candidate('A', () => 20),
      candidate('B', () => 8),
    );
    expect(chosen.reason).toBe('B takes 4.0 ms an item here, A 10.0 ms.');
    expect(closed).toEqual(['A']);
  });

  it('times engines that are near in turns: what slowed the better one at first does not count', async () => {
    const { candidate, choose, runs } = bench();
    // Something else was busy while A was measured.
    const chosen = await choose(
      candidate('A', (run) => (run < 6 ? 12 : 8)),
      candidate('B', () => 10),
    );
    expect(chosen.reason).toMatch(/^A takes 4.0 ms/);
    expect(runs.slice(-8).join('')).toBe('ABABABAB');
  });

  it('measures nothing where there is one, and repeats no long runs', async () => {
    const { candidate, choose, runs } = bench();
    await choose(candidate('A', () => 50));
    expect(runs).toEqual([]);
    await choose(
      candidate('A', () => 500),
      candidate('B', () => 501),
    );
    expect(runs.join('')).toBe('AABB');
  });

  it('goes on without an engine that fails, and says why there is none', async () => {
    const { candidate, choose, closed } = bench();
    const failing = candidate('A', () => Infinity);
    expect(
      (
        await choose(
          failing,
          candidate('B', () => 9),
        )
      ).reason,
    ).toContain('because A: gone');
    await expect(choose(failing)).resolves.toBeDefined();
    const both = choose(
      failing,
      candidate('C', () => Infinity),
    );
    await expect(both).rejects.toThrow(NoEngineError);
    // Also where it fails only when it is timed again.
    const later = candidate('D', (run) => (run < 9 ? 8 : Infinity));
    expect(
      (
        await choose(
          later,
          candidate('E', () => 9),
        )
      ).reason,
    ).toBe('E, because D: gone.');
    expect(closed.filter((label) => label === 'D')).toHaveLength(1);
  });

  it('chooses nothing where it is called off, and closes what it opened', async () => {
    const { candidate, choose, callOffAt, closed } = bench();
    callOffAt(100);
    const asked: string[] = [];
    const choice = choose(
      candidate('A', () => 20),
      // Its run ends because it was called off: that says nothing of the engine.
      candidate('B', (run) => (run === 0 ? 30 : Infinity)),
      candidate('C', () => asked.push('C')),
    );
    await expect(choice).rejects.toThrow('called off');
    expect(asked).toEqual([]);
    expect(closed).toEqual(['B', 'A']);
  });
});
