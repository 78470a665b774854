/** nbody@1 in the gallery: discs of bodies that turn about a heavy one in their middle. */
import type { KernelExample, KernelPresets } from '../example.ts';
import type { NbodyParams } from './manifest.ts';

const CENTRE_MASS = 1;
/** Of all the others together. */
const DISC_MASS = 0.1;
/** Between bodies that follow each other on a sunflower's spiral. */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const COLUMNS = 4;

/** Body 0 rests; the others go around on circles, in metres and metres per second. Discs of later items turn slower. */
function disc(input: string, index: number, params: unknown): number {
  const { bodies } = params as NbodyParams;
  const column = index % COLUMNS;
  const body = Math.floor(index / COLUMNS) % bodies;
  const item = Math.floor(index / (COLUMNS * bodies));
  if (body === 0) return input === 'positions' && column === 3 ? CENTRE_MASS : 0;
  const radius = 0.25 + 0.75 * Math.sqrt(body / bodies);
  const angle = body * GOLDEN_ANGLE;
  if (input === 'positions') {
    const height = 0.02 * Math.sin(body);
    return [radius * Math.cos(angle), radius * Math.sin(angle), height, DISC_MASS / bodies][
      column
    ]!;
  }
  const speed = Math.sqrt(CENTRE_MASS / radius) / (1 + 0.1 * item);
  return [-speed * Math.sin(angle), speed * Math.cos(angle), 0, 0][column]!;
}

const preset = (bodies: number, steps: number, items: number): KernelExample => ({
  params: { bodies, steps, dtSeconds: 0.01, softeningMetres: 0.05 },
  items,
  value: disc,
});

export const presets: KernelPresets = {
  small: preset(128, 32, 4),
  medium: preset(256, 64, 4),
  large: preset(512, 64, 4),
};
