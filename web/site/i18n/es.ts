/** What every page and the first one say, in Spanish; see `en.ts`. */
import { invitation, promises, run, states } from './es/contribute.ts';
import { controls } from './es/controls.ts';
import { figures } from './es/figures.ts';
import { route } from './es/route.ts';
import { networkLine, pages, shell } from './es/shell.ts';
import { told } from './es/told.ts';
import type { Words } from './en.ts';

export const es: Words = {
  direction: 'ltr',
  figures,
  pages,
  shell,
  networkLine,
  invitation,
  promises,
  states,
  run,
  route,
  controls,
  told,
};
