/** The words around an API key, in German. */
import type { InnerWords } from '../enInner.ts';

export const key: InnerWords['key'] = {
  key: 'Dein API-Schlüssel',
  note: 'Du bekommst ihn von dem, der diesen Koordinator betreibt. Er bleibt in dieser Seite, bis du sie schließt oder neu lädst, und wird sonst nirgendwohin geschickt.',
  forget: 'Schlüssel vergessen',
};
