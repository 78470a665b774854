/** Figures in German. */
import { figuresOf } from '../figures.ts';

export const figures = figuresOf('de');
