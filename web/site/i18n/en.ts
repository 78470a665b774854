/**
 * What every page and the first one say, in English: the dictionary that every other language has to have whole.
 *
 * It comes with the page. What the other pages say is in `enInner.ts`, which comes with the first of them.
 */
import { invitation, promises, run, states } from './en/contribute.ts';
import { controls } from './en/controls.ts';
import { figures } from './en/figures.ts';
import { route } from './en/route.ts';
import { networkLine, pages, shell } from './en/shell.ts';

export const en = {
  /** The way the language runs. */
  direction: 'ltr' as 'ltr' | 'rtl',
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
  /** Translations of sentences that a coordinator or the volunteer says in English (`told.ts`): here they need none. */
  told: {} as Readonly<Record<string, string>>,
};

export type Words = typeof en;
