/**
 * Tables as CSV (RFC 4180, UTF-8). Names come from outside: a cell that a spreadsheet would run as a formula is made
 * text by an apostrophe before it (OWASP, "CSV Injection").
 */
import { stringify } from 'csv-stringify/sync';

export const csvOf = (columns: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  stringify([[...columns], ...rows.map((row) => [...row])], {
    record_delimiter: 'windows',
    // RFC 4180: either of them, not only both.
    quoted_match: /[\r\n]/,
    escape_formulas: true,
  });
