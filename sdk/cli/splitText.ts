/**
 * A plan of stages as a person reads it.
 */
import type { StageOutline, StagePlan, StageValue } from '../../shared/onnx/split/stagePlan.ts';
import { formatBytes, formatShare } from '../../shared/units.ts';
import { printable, tableLines } from './table.ts';

/** Of one stage; what is left out is counted. */
const SHOWN_VALUES = 4;

export function planLines(plan: StagePlan): string[] {
  const { stages, totalCost, bottleneckCost, boundaryBytes } = plan;
  const rows = stages.map((stage, index) => ({ stage, index }));
  type Row = (typeof rows)[number];
  const right = (title: string, value: (stage: StageOutline) => string) => ({
    title,
    value: (row: Row) => value(row.stage),
    align: 'right' as const,
  });
  const table = tableLines(rows, [
    { title: 'STAGE', value: ({ index }) => String(index), align: 'right' },
    right('LAYERS', ({ nodes }) => String(nodes.length)),
    right('WEIGHTS', ({ weightBytes }) => formatBytes(weightBytes)),
    right('MEMORY', ({ memoryBytes }) => formatBytes(memoryBytes)),
    right('FLOP', ({ flops }) => formatFlops(flops)),
    right('SHARE', ({ cost }) => formatShare(totalCost === 0 ? 0 : cost / totalCost)),
    right('SENDS', ({ boundaryBytes: bytes }) => formatBytes(bytes)),
    { title: 'WHAT', value: ({ stage }) => whatCrosses(stage) },
  ]);
  const even = 1 / stages.length;
  const dearest = totalCost === 0 ? even : bottleneckCost / totalCost;
  const lines = [
    ...table,
    `The dearest stage has ${formatShare(dearest)} of the work (even would be ${formatShare(even)}); ` +
      `${formatBytes(boundaryBytes)} cross from stage to stage in one run.`,
  ];
  if (plan.estimatedOperators.length > 0) {
    lines.push(`Estimated, not counted: ${printable(plan.estimatedOperators.join(', '))}`);
  }
  if (plan.unknownSizes > 0) {
    const values = plan.unknownSizes === 1 ? '1 value is' : `${plan.unknownSizes} values are`;
    lines.push(`The size of ${values} not known and counts as nothing.`);
  }
  return lines;
}

const whatCrosses = ({ outputs, carried }: StageOutline): string => {
  const describe = ({ name, bytes }: StageValue): string => {
    const size = bytes === null ? 'size unknown' : formatBytes(bytes);
    return `${name} (${size}${carried.includes(name) ? ', carried' : ''})`;
  };
  const shown = outputs.slice(0, SHOWN_VALUES).map(describe).join(', ');
  const rest = outputs.length - SHOWN_VALUES;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
};

/** Three digits and a prefix: `1.23 G`. */
export function formatFlops(flops: number): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  let value = flops;
  let prefix = 0;
  while (value >= 999.5 && prefix < prefixes.length - 1) {
    value /= 1000;
    prefix += 1;
  }
  return `${Number(value.toPrecision(3))} ${prefixes[prefix]}`.trimEnd();
}
