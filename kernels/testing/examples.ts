/**
 * Small parameters for every kernel of the catalogue, by name: for tests that hold of all of them.
 */
import { CASES } from './cases.ts';

export const EXAMPLE_PARAMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> =
  Object.fromEntries(Object.entries(CASES).map(([name, [{ params }]]) => [name, params]));
