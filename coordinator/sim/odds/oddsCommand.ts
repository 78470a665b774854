/** `npm run sim -- odds`: what verification costs and lets through, as figures. */
import { Command, InvalidArgumentError } from 'commander';
import { LARGE_JOB_CHECKS } from '../../core/stream.ts';
import { cellsWith } from './cells.ts';
import { oddsTable } from './oddsTable.ts';
import { runCells } from './runCells.ts';

interface OddsOptions {
  readonly seed: number;
  readonly jobs: number;
  readonly items: number;
  readonly life: number;
  readonly gate: number;
  readonly only: readonly string[];
  readonly json?: true;
}

const whole = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a whole number above 0');
};
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

export const oddsCommand = (): Command =>
  new Command('odds')
    .description(
      'Simulates ways of verifying against every adversary: costs, and what gets through',
    )
    .option('--seed <n>', 'seed of everything', whole, 1)
    .option('--jobs <n>', 'assignments’ worth of work in each cell', whole, 1_000_000)
    .option('--items <n>', 'items of an assignment', whole, 512)
    .option('--life <n>', 'assignments of an identity before it leaves, on average', whole, 200)
    .option('--gate <n>', 'clean checks before results are final', whole, LARGE_JOB_CHECKS)
    .option('--only <words>', 'cells whose names have all of these words', words, [])
    .option('--json', 'one JSON object')
    .action(run);

async function run({ only, json, seed, ...conditions }: OddsOptions): Promise<void> {
  const cells = cellsWith(only);
  if (cells.length === 0) {
    console.error(`--only: expected words of a cell’s name, came "${only.join(' ')}"`);
    process.exitCode = 2;
    return;
  }
  const progress = process.stderr.isTTY ? process.stderr : null;
  let finished = 0;
  const results = await runCells(cells, { conditions, seed }, ({ name }) =>
    progress?.write(`\r\u001b[K${++finished}/${cells.length} ${name}`),
  );
  progress?.write('\r\u001b[K');
  if (json) {
    const rows = results.map(({ cell, figures }) => ({ cell: cell.name, ...figures }));
    console.log(JSON.stringify({ seed, ...conditions, cells: rows }));
    return;
  }
  const { jobs, items, life, gate } = conditions;
  console.log(`${jobs} jobs of ${items} items in each of ${cells.length} cells; seed ${seed};`);
  console.log(`an identity lives for ${life} assignments; results wait for ${gate} checks.\n`);
  console.log(oddsTable(results));
}
