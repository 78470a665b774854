/** Figures in English; hours are counted to 24. */
import { figuresOf } from '../figures.ts';

export const figures = figuresOf('en', 'en-GB');
