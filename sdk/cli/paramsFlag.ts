/**
 * `--params`: a kernel's parameters as JSON, or in a file.
 */
import { readFile } from 'node:fs/promises';
import { messageOf } from '../../shared/result.ts';
import { usageError } from './exitCode.ts';

/** JSON text, or `@file` that holds it. */
export async function paramsOf(text: string | undefined): Promise<Record<string, unknown>> {
  if (text === undefined) return {};
  let json = text;
  try {
    if (text.startsWith('@')) json = await readFile(text.slice(1), 'utf8');
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (thrown) {
    throw usageError(
      `--params: expected JSON or @file with JSON\n  came: ${messageOf(thrown, 200)}`,
    );
  }
  throw usageError(
    `--params: expected a JSON object, such as {"m":64}\n  came: ${json.slice(0, 80)}`,
  );
}
