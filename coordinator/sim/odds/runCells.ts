/** Runs cells on all cores. What comes out does not depend on how many there are, or on who is first. */
import { availableParallelism } from 'node:os';
import { startWorkerThread } from '../../workerThread.ts';
import type { Cell } from './cells.ts';
import type { Figures } from './figures.ts';
import type { OddsAnswer, OddsWork } from './oddsWorker.ts';

export interface CellFigures {
  readonly cell: Cell;
  readonly figures: Figures;
}

/** In the order of `cells`. Rejects with whatever a thread died of. */
export async function runCells(
  cells: readonly Cell[],
  work: OddsWork,
  done: (cell: Cell) => void,
): Promise<CellFigures[]> {
  const waiting = [...cells];
  const results = new Map<string, Figures>();
  const threads = Math.min(availableParallelism(), cells.length);
  const runThread = () =>
    new Promise<void>((resolve, reject) => {
      const url = new URL('./oddsWorker.ts', import.meta.url);
      const thread = startWorkerThread(url, { workerData: work });
      const next = (): void => {
        const cell = waiting.shift();
        if (cell !== undefined) return thread.postMessage(cell.name);
        thread.terminate().then(() => resolve(), reject);
      };
      thread.on('error', reject);
      thread.on('message', ({ name, figures }: OddsAnswer) => {
        results.set(name, figures);
        done(cells.find((it) => it.name === name)!);
        next();
      });
      next();
    });
  await Promise.all(Array.from({ length: threads }, runThread));
  return cells.map((cell) => ({ cell, figures: results.get(cell.name)! }));
}
