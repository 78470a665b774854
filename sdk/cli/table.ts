/**
 * Aligned columns of text for a terminal. Numbers are the caller's: it says which columns are right-aligned.
 */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
}

/** Lines without trailing spaces: the titles, then one per row. */
export function tableLines<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => rowCells(row, columns))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  return cells.map((line) =>
    line
      .map((cell, i) =>
        columns[i]!.align === 'right' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Control characters in names that came from others must not reach a terminal. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');

const rowCells = <Row>(row: Row, columns: readonly Column<Row>[]): string[] =>
  columns.map(({ value }) => printable(value(row)));
