/** What every page and the first one say, in German; see `en.ts`. */
import { invitation, promises, run, states } from './de/contribute.ts';
import { controls } from './de/controls.ts';
import { figures } from './de/figures.ts';
import { route } from './de/route.ts';
import { networkLine, pages, shell } from './de/shell.ts';
import { told } from './de/told.ts';
import type { Words } from './en.ts';

export const de: Words = {
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
