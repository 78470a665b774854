/** Figures as a table to read: the ways of verifying beside each other, then sampling against everyone. */
import type { Strategy } from './cells.ts';
import type { CellFigures } from './runCells.ts';

const STRATEGIES: readonly Strategy[] = ['sampled', 'quorum-2', 'quorum-3', 'adaptive'];

const HEADINGS = [
  'check',
  'redo',
  'wrong jobs',
  'wrong items',
  'faults',
  'bans/1e6',
  'until ejected',
];

export function oddsTable(results: readonly CellFigures[]): string {
  const worst = ['Worst of the policies, by wrong items'];
  for (const strategy of STRATEGIES) {
    const own = results.filter(({ cell }) => cell.strategy === strategy);
    for (const group of groupsOf(own)) worst.push(rowOf(worstOf(group)));
  }
  const sampled = results.filter(({ cell }) => cell.strategy === 'sampled').map(rowOf);
  const details = sampled.length === 0 ? [] : ['', 'Sampled, policy by policy', ...sampled];
  return [headings(), ...worst, ...details].join('\n');
}

/** Cells of equal share, collusion and delay. */
function groupsOf(results: readonly CellFigures[]): CellFigures[][] {
  const groups = new Map<string, CellFigures[]>();
  for (const result of results) {
    const { share, colluding, delay } = result.cell.crowd;
    const key = `${share} ${colluding} ${delay}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()];
}

const worstOf = (group: readonly CellFigures[]): CellFigures =>
  group.reduce((worst, it) => (it.figures.wrongItems > worst.figures.wrongItems ? it : worst));

const NAME_COLUMNS = 52;
const COLUMNS = 14;

const headings = (): string =>
  ' '.repeat(NAME_COLUMNS) + HEADINGS.map((heading) => heading.padStart(COLUMNS)).join('');

function rowOf({ cell, figures }: CellFigures): string {
  const cells = [
    percent(figures.check),
    percent(figures.redo),
    rate(figures.wrongJobs),
    rate(figures.wrongItems),
    rate(figures.faultyJobs),
    figures.honestBansPerMillion.toFixed(0),
    figures.untilEjection?.toFixed(0) ?? '-',
  ];
  return cell.name.padEnd(NAME_COLUMNS) + cells.map((text) => text.padStart(COLUMNS)).join('');
}

const percent = (part: number): string => `${(100 * part).toFixed(2)}%`;
const rate = (part: number): string => (part === 0 ? '0' : part.toExponential(1));
