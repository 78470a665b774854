/**
 * Pictures of computed items, by what their program and its tensors are. Another kind is a recipe more in this list.
 */
import type { WorkSample } from '../../state/workSamples.ts';
import { bodies } from './bodies.ts';
import { digits } from './digits.ts';
import { faces } from './faces.ts';
import type { Picture, Recipe } from './picture.ts';
import { volume } from './volume.ts';

const RECIPES: readonly Recipe[] = [digits, faces, volume, bodies];

/** Null where there is none: no picture is better than a wrong one. */
export function pictureOf(sample: WorkSample): Picture | null {
  for (const recipe of RECIPES) {
    const picture = recipe(sample);
    if (picture !== null) return picture;
  }
  return null;
}
