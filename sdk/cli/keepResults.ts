/** How long a coordinator keeps results, as its operator says. */
import {
  KEEP_RESULTS_MS,
  MAX_KEEP_RESULTS_MS,
  MIN_KEEP_RESULTS_MS,
} from '../../shared/retention.ts';
import { usageError } from './exitCode.ts';
import { parseDuration } from './numbers.ts';

/** Null: until their authors delete them. */
export function keepResultsMs(text: string | undefined): number | null {
  if (text === undefined) return KEEP_RESULTS_MS;
  if (text === 'forever') return null;
  // A bare number could be days or nothing at all, and 0 both "at once" and "never".
  if (/^\d+$/.test(text))
    throw usageError(
      `--keep-results: expected a time with its unit, such as 30d or 12h, or forever\n  came: ${text}`,
    );
  return parseDuration('--keep-results', text, MIN_KEEP_RESULTS_MS, MAX_KEEP_RESULTS_MS);
}
