/**
 * nbody@1: what it is, what it costs, and its dispatches. Not the arithmetic: that is `reference.ts` on
 * the CPU and `nbody.wgsl` on the GPU.
 *
 * Invariant of the plan: a kick reads all positions and writes its own velocity, a drift writes its own
 * position, so both work in place and any part of a pass may run apart from the rest.
 */
import * as z from 'zod/mini';
import type { KernelManifest } from '../manifest.ts';
import type { KernelPass } from '../plan.ts';

export const MAX_BODIES = 4096;
/**
 * N-body motion is chaotic: rounding grows e-fold about once per crossing time. With the usual hundred
 * steps per crossing, 256 steps keep honest hosts within 2e-6 of one another; at 1000 it was 1.5e-2.
 */
export const MAX_STEPS = 256;
/** Pairs times force evaluations of one item: the CPU referee takes some 3 s for them. */
export const MAX_INTERACTIONS = 2 ** 28;

const WORKGROUP_LANES = 64;
/** The usual count of one softened pair force (GPU Gems 3, chapter 31). */
const FLOPS_PER_INTERACTION = 20;
const FLOPS_PER_DRIFT = 6;

/** Keeps squares and cubes of lengths, and their inverses, inside f32. */
const scaled = z.number().check(z.minimum(1e-6), z.maximum(1e6));

export const nbodyParams = z
  .strictObject({
    bodies: z.int().check(z.minimum(2), z.maximum(MAX_BODIES)),
    steps: z.int().check(z.minimum(1), z.maximum(MAX_STEPS)),
    dtSeconds: scaled,
    /** Plummer softening; without it a close pair would turn rounding into different futures. */
    softeningMetres: scaled,
    /** G in the caller's units, m^3 / (kg s^2); 1 gives N-body units. */
    gravity: z._default(scaled, 1),
  })
  .check(
    z.refine(
      ({ bodies, steps }) => bodies * bodies * (steps + 1) <= MAX_INTERACTIONS,
      `expected bodies^2 x (steps + 1) of at most ${MAX_INTERACTIONS}; run more steps as further items`,
    ),
  );

export type NbodyParams = z.infer<typeof nbodyParams>;

/** The numbers of one run as both sides use them: computed in f64, rounded once to f32. */
export const nbodyConstants = (params: NbodyParams) => ({
  kick: Math.fround(params.gravity * params.dtSeconds),
  halfKick: Math.fround(params.gravity * params.dtSeconds * 0.5),
  drift: Math.fround(params.dtSeconds),
  softeningSquared: Math.fround(params.softeningMetres * params.softeningMetres),
});

export const nbodyManifest: KernelManifest<NbodyParams> = {
  name: 'nbody',
  version: 1,
  explanation:
    'Gravitational motion of a few to some thousand bodies: direct summation of softened pair forces, ' +
    'integrated by the kick-drift-kick leapfrog (second order, symplectic, time-reversible), one system ' +
    'per item. For ensembles of small systems; a long run continues as the next job. Metres, kilograms ' +
    'and seconds stand for any consistent units in which values lie near 1. An item should span three ' +
    'crossing times at most and soften its closest pairs: beyond that the motion is chaotic, and honest ' +
    'adapters differ.',
  source:
    'L. Nyland, M. Harris, J. Prins, "Fast N-body simulation with CUDA", GPU Gems 3 (2007), chapter 31; ' +
    'W. Dehnen, J. Read, "N-body simulations of gravitational dynamics" (2011), section 3.3',
  params: nbodyParams,
  inputs: ({ bodies }) => ({
    /** x, y, z in metres, mass in kilograms. */
    positions: { dtype: 'F32', dims: [bodies, 4] },
    /** x, y, z in metres per second; the fourth value is carried through. */
    velocities: { dtype: 'F32', dims: [bodies, 4] },
  }),
  outputs: ({ bodies }) => ({
    finalPositions: { dtype: 'F32', dims: [bodies, 4] },
    finalVelocities: { dtype: 'F32', dims: [bodies, 4] },
  }),
  flopsPerItem: ({ bodies, steps }) =>
    (steps + 1) * bodies * bodies * FLOPS_PER_INTERACTION + steps * bodies * FLOPS_PER_DRIFT,
  bytesPerItem: ({ bodies }) => 4 * 16 * bodies,
  verification: 'sampled',
  /**
   * Measured on Plummer clusters of 24 and 96 bodies over three crossing times, softened by 0.05: f32
   * against f64 differs by 4e-7 to 1.5e-6, half the steps at twice their length by 6e-5 to 2e-3. The
   * error gathers in a few close pairs: one element may be 20 times worse than the whole.
   */
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 3e-5,
    maxElementError: 6e-4,
    nonFinite: 'refuse',
  },
  plan: (params, { rows, strides }) => {
    const { bodies, steps } = params;
    const { kick, halfKick, drift, softeningSquared } = nbodyConstants(params);
    const lanes = Math.min(bodies, WORKGROUP_LANES);
    const pass = (
      entryPoint: string,
      flopsPerBody: number,
      constants: Readonly<Record<string, number>>,
    ): KernelPass => ({
      entryPoint,
      workgroups: [Math.ceil(bodies / WORKGROUP_LANES), 1, rows],
      constants: { BODIES: bodies, ...constants },
      flopsPerWorkgroup: lanes * flopsPerBody,
    });
    const begin = pass('begin', 1, {
      // Strides count f32 values; the module's arrays hold vec4f.
      POSITIONS_STRIDE: strides['positions']! / 4,
      VELOCITIES_STRIDE: strides['velocities']! / 4,
    });
    const kickFor = (seconds: number) =>
      pass('kick', bodies * FLOPS_PER_INTERACTION, {
        KICK: seconds,
        SOFTENING_SQUARED: softeningSquared,
      });
    const drifting = pass('drift', FLOPS_PER_DRIFT, { DRIFT: drift });
    const whole = kickFor(kick);
    const half = kickFor(halfKick);
    const inner = Array.from({ length: steps - 1 }, () => [drifting, whole]).flat();
    return {
      bindings: [
        { name: 'positions', access: 'read' },
        { name: 'velocities', access: 'read' },
        { name: 'finalPositions', access: 'read-write' },
        { name: 'finalVelocities', access: 'read-write' },
      ],
      scratchBytes: {},
      passes: [begin, half, ...inner, drifting, half],
    };
  },
};
