/**
 * Star clusters for tests and benchmarks of n-body kernels: Plummer spheres in N-body units (gravity 1, mass 1).
 *
 * Source: S. Aarseth, M. Henon, R. Wielen, "A comparison of numerical methods for the study of star
 * cluster dynamics", Astronomy and Astrophysics 37 (1974), the appendix.
 */
import { noise } from '../noise.ts';

export interface Cluster {
  /** x, y, z, mass of each body. */
  readonly positions: Float32Array;
  /** x, y, z of each body's velocity, and a value that kernels must carry through. */
  readonly velocities: Float32Array;
}

/** Bodies further out are drawn again: the sphere has no edge, f32 has. */
const MAX_RADIUS = 10;

export function cluster(bodies: number, seed: number): Cluster {
  const random = noise(seed);
  const unit = () => (random() + 1) / 2;
  const positions = new Float32Array(4 * bodies);
  const velocities = new Float32Array(4 * bodies);
  for (let body = 0; body < bodies; body++) {
    let radius: number;
    do radius = 1 / Math.sqrt(Math.max(unit(), 1e-9) ** (-2 / 3) - 1);
    while (!(radius < MAX_RADIUS));
    positions.set([...direction(random, radius), 1 / bodies], 4 * body);
    // The share q of the escape speed has density q^2 (1 - q^2)^(7/2), which is below 0.1.
    let share: number;
    do share = unit();
    while (unit() * 0.1 > share ** 2 * (1 - share ** 2) ** 3.5);
    const speed = share * Math.SQRT2 * (1 + radius ** 2) ** -0.25;
    velocities.set([...direction(random, speed), body], 4 * body);
  }
  return { positions, velocities };
}

function direction(random: () => number, length: number): [number, number, number] {
  const z = random();
  const angle = Math.PI * random();
  const flat = Math.sqrt(1 - z * z);
  return [length * flat * Math.cos(angle), length * flat * Math.sin(angle), length * z];
}
