/**
 * Writes the line of every statement of a WGSL module into a variable before the statement, so that what goes wrong while
 * it is computed can be told by its line: naga's SPIR-V has none. Lines stay where they are.
 *
 * Invariant: the marked module is valid where the module is, and computes the same.
 */
import { structureOf, tokensOf, withInsertions } from '../../kernels/wgslText.ts';

export const LINE_VARIABLE = 'idlewave_line_of_statement';

export function markLines(source: string): string {
  const { statements } = structureOf(tokensOf(source));
  const marks = statements.map(({ at, line }) => ({ at, text: `${LINE_VARIABLE} = ${line}u; ` }));
  return `${withInsertions(source, marks)}\nvar<private> ${LINE_VARIABLE}: u32;\n`;
}
