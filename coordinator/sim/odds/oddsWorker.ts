/** One thread of `npm run sim -- odds`: is told the names of cells, answers with their figures. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../shared/result.ts';
import { CELLS, figuresOfCell } from './cells.ts';
import type { Figures } from './figures.ts';
import type { Conditions } from './slots.ts';

export interface OddsWork {
  readonly conditions: Conditions;
  readonly seed: number;
}

export interface OddsAnswer {
  readonly name: string;
  readonly figures: Figures;
}

assert(parentPort !== null, 'oddsWorker: not a worker thread');
const port = parentPort;
const { conditions, seed } = workerData as OddsWork;

port.on('message', (name: string) => {
  const cell = CELLS.find((it) => it.name === name);
  assert(cell !== undefined, `oddsWorker: no cell ${name}`);
  const figures = figuresOfCell(cell, conditions, seed);
  port.postMessage({ name, figures } satisfies OddsAnswer);
});
