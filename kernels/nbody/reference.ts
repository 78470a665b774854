/**
 * nbody@1 on the CPU: the same leapfrog in f64, from f32 inputs to f32 outputs.
 */
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { nbodyConstants, type NbodyParams } from './manifest.ts';

/**
 * `positions`, `velocities` F32 [bodies,4] to `finalPositions`, `finalVelocities`, the same shapes; the
 * item index plays no part.
 */
export function nbodyReference(
  params: NbodyParams,
  _item: number,
  inputs: NamedTensors,
): NamedTensors {
  const { bodies, steps } = params;
  const { kick, halfKick, drift, softeningSquared } = nbodyConstants(params);
  const positions = Float64Array.from(valuesOf(inputs['positions']!) as Float32Array);
  const velocities = Float64Array.from(valuesOf(inputs['velocities']!) as Float32Array);
  accelerate(positions, velocities, halfKick, softeningSquared);
  for (let step = 1; step <= steps; step++) {
    for (let i = 0; i < 4 * bodies; i += 4) {
      positions[i]! += velocities[i]! * drift;
      positions[i + 1]! += velocities[i + 1]! * drift;
      positions[i + 2]! += velocities[i + 2]! * drift;
    }
    accelerate(positions, velocities, step === steps ? halfKick : kick, softeningSquared);
  }
  return {
    finalPositions: tensorOf('F32', [bodies, 4], Float32Array.from(positions)),
    finalVelocities: tensorOf('F32', [bodies, 4], Float32Array.from(velocities)),
  };
}

function accelerate(
  positions: Float64Array,
  velocities: Float64Array,
  kick: number,
  softeningSquared: number,
): void {
  for (let i = 0; i < positions.length; i += 4) {
    const x = positions[i]!;
    const y = positions[i + 1]!;
    const z = positions[i + 2]!;
    let ax = 0;
    let ay = 0;
    let az = 0;
    for (let j = 0; j < positions.length; j += 4) {
      const dx = positions[j]! - x;
      const dy = positions[j + 1]! - y;
      const dz = positions[j + 2]! - z;
      const squared = dx * dx + dy * dy + dz * dz + softeningSquared;
      const pull = positions[j + 3]! / (squared * Math.sqrt(squared));
      ax += dx * pull;
      ay += dy * pull;
      az += dz * pull;
    }
    velocities[i]! += ax * kick;
    velocities[i + 1]! += ay * kick;
    velocities[i + 2]! += az * kick;
  }
}
