/** nbody@1 against the laws it must keep, its limits and its dispatches. */
import { describe, expect, it } from 'vitest';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { noise } from '../noise.ts';
import { ONLY_VARIANT } from '../variants.ts';
import {
  MAX_BODIES,
  MAX_INTERACTIONS,
  MAX_STEPS,
  nbodyManifest,
  nbodyParams,
  type NbodyParams,
} from './manifest.ts';
import { nbodyReference } from './reference.ts';

function run(params: NbodyParams, positions: number[], velocities: number[]) {
  const made = nbodyReference(params, 0, {
    positions: tensorOf('F32', [params.bodies, 4], Float32Array.from(positions)),
    velocities: tensorOf('F32', [params.bodies, 4], Float32Array.from(velocities)),
  });
  return {
    positions: valuesOf(made['finalPositions']!) as Float32Array,
    velocities: valuesOf(made['finalVelocities']!) as Float32Array,
  };
}

const params = (change: object): NbodyParams =>
  nbodyParams.parse({ bodies: 2, steps: 1, dtSeconds: 0.01, softeningMetres: 1e-3, ...change });

describe('nbodyReference', () => {
  it('brings two equal bodies on a circle back after one orbit', () => {
    // Masses 1/2 at distance 1 about their centre: angular speed 1, period 2 pi.
    const steps = MAX_STEPS;
    const orbit = params({ steps, dtSeconds: (2 * Math.PI) / steps });
    const positions = [0.5, 0, 0, 0.5, -0.5, 0, 0, 0.5];
    const velocities = [0, 0.5, 0, 0, 0, -0.5, 0, 0];
    const end = run(orbit, positions, velocities);
    positions.forEach((value, i) => expect(end.positions[i]).toBeCloseTo(value, 2.7));
    velocities.forEach((value, i) => expect(end.velocities[i]).toBeCloseTo(value, 2.7));
    const quarter = run(
      params({ steps: MAX_STEPS / 4, dtSeconds: orbit.dtSeconds }),
      positions,
      velocities,
    );
    expect(quarter.positions[0]).toBeCloseTo(0, 2.7);
    expect(quarter.positions[1]).toBeCloseTo(0.5, 2.7);
  });

  it('keeps momentum, masses and the fourth velocity value, and runs backwards', () => {
    const bodies = 9;
    const random = noise(3);
    const positions = Array.from({ length: 4 * bodies }, (_, i) =>
      i % 4 === 3 ? 1.5 + random() : random(),
    );
    const velocities = Array.from({ length: 4 * bodies }, () => random());
    const some = params({ bodies, steps: 20, softeningMetres: 0.2 });
    const end = run(some, positions, velocities);
    for (const axis of [0, 1, 2]) {
      const momentum = (v: ArrayLike<number>) =>
        Array.from({ length: bodies }, (_, i) => v[4 * i + axis]! * positions[4 * i + 3]!).reduce(
          (sum, part) => sum + part,
        );
      expect(momentum(end.velocities)).toBeCloseTo(momentum(velocities), 5);
    }
    for (let i = 3; i < 4 * bodies; i += 4) {
      expect(end.positions[i]).toBe(Math.fround(positions[i]!));
      expect(end.velocities[i]).toBe(Math.fround(velocities[i]!));
    }
    const back = run(
      some,
      [...end.positions],
      [...end.velocities].map((value) => -value),
    );
    positions.forEach((value, i) => expect(back.positions[i]).toBeCloseTo(value, 4));
    expect(end.positions[0]).not.toBeCloseTo(positions[0]!, 3);
  });
});

describe('nbodyManifest', () => {
  it('takes parameters up to each limit and refuses them beyond', () => {
    const accepts = (change: object) =>
      nbodyParams.safeParse({
        bodies: 2,
        steps: 1,
        dtSeconds: 1,
        softeningMetres: 1,
        ...change,
      }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ bodies: 1 })).toBe(false);
    expect(accepts({ bodies: MAX_BODIES })).toBe(true);
    expect(accepts({ bodies: MAX_BODIES + 1 })).toBe(false);
    expect(accepts({ steps: MAX_STEPS })).toBe(true);
    expect(accepts({ steps: MAX_STEPS + 1 })).toBe(false);
    expect(accepts({ dtSeconds: 0 })).toBe(false);
    expect(accepts({ softeningMetres: 0 })).toBe(false);
    const mostSteps = MAX_INTERACTIONS / MAX_BODIES ** 2 - 1;
    expect(accepts({ bodies: MAX_BODIES, steps: mostSteps })).toBe(true);
    expect(accepts({ bodies: MAX_BODIES, steps: mostSteps + 1 })).toBe(false);
  });

  it('kicks by half, then drifts and kicks in turn, and ends with a half kick', () => {
    const { passes } = nbodyManifest.plan(
      params({ bodies: 65, steps: 3, gravity: 2 }),
      {
        rows: 5,
        strides: { positions: 0, velocities: 260 },
      },
      ONLY_VARIANT,
    );
    const kick = Math.fround(0.02);
    const half = Math.fround(0.01);
    const drift = Math.fround(0.01);
    expect(passes.map((pass) => [pass.entryPoint, pass.constants['KICK'] ?? 0])).toEqual([
      ['begin', 0],
      ['kick', half],
      ['drift', 0],
      ['kick', kick],
      ['drift', 0],
      ['kick', kick],
      ['drift', 0],
      ['kick', half],
    ]);
    expect(passes[0]!.constants).toMatchObject({ POSITIONS_STRIDE: 0, VELOCITIES_STRIDE: 65 });
    expect(passes[2]!.constants['DRIFT']).toBe(drift);
    expect(passes.every((pass) => pass.workgroups.join() === '2,1,5')).toBe(true);
  });
});
