/**
 * Figures in Arabic, with the digits 0 to 9: ids, hashes, codes, commands and units of the same pages are written with
 * them, amounts are typed in again with them, and much of the Arab world reads them on screens.
 */
import { figuresOf } from '../figures.ts';

export const figures = figuresOf('ar-u-nu-latn');
