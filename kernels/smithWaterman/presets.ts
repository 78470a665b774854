/** smithWaterman@1 in the gallery: a strand of DNA looked for in longer ones, each of which has a worn copy of a part of it. */
import type { KernelExample, KernelPresets } from '../example.ts';
import { scattered } from '../scene.ts';
import type { SmithWatermanParams } from './manifest.ts';

const SYMBOLS = 4;
/** A symbol in so many is another one. */
const WEAR = 9;

function strand(input: string, index: number, params: unknown): number {
  const { queryLength, subjectLength, symbols } = params as SmithWatermanParams;
  if (input === 'substitution') return index % (symbols + 1) === 0 ? 3 : -2;
  const symbolOf = (place: number): number => scattered(place) % symbols;
  if (input === 'query') return symbolOf(index % queryLength);
  const item = Math.floor(index / subjectLength);
  const place = (index % subjectLength) - Math.floor(subjectLength / 3) + 7 * item;
  const isCopy = place >= 0 && place < queryLength / 2 && scattered(index) % WEAR !== 0;
  return isCopy ? symbolOf(place) : symbolOf(index + queryLength);
}

const preset = (queryLength: number, subjectLength: number, items: number): KernelExample => ({
  params: { queryLength, subjectLength, symbols: SYMBOLS, gapOpen: 5, gapExtend: 2 },
  items,
  constant: ['query', 'substitution'],
  value: strand,
});

export const presets: KernelPresets = {
  small: preset(128, 512, 16),
  medium: preset(256, 1024, 64),
  large: preset(512, 2048, 128),
};
