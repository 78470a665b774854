/** What every page and the first one say, in Arabic; see `en.ts`. */
import { invitation, promises, run, states } from './ar/contribute.ts';
import { controls } from './ar/controls.ts';
import { figures } from './ar/figures.ts';
import { route } from './ar/route.ts';
import { networkLine, pages, shell } from './ar/shell.ts';
import { told } from './ar/told.ts';
import type { Words } from './en.ts';

export const ar: Words = {
  direction: 'rtl',
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
