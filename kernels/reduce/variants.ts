/** The ways to reduce on a device: lanes that add up alone, or workgroups that share memory or exchange values. */
import { prefersRegisters, type DeviceTraits, type KernelVariant } from '../variants.ts';

const REGISTERS: KernelVariant = { name: 'registers', family: 'registers', options: {} };
const TILED: KernelVariant = { name: 'tiled', family: 'tiled', options: {} };
const SUBGROUPS: KernelVariant = { name: 'subgroups', family: 'subgroups', options: {} };

export function reduceVariants(traits: DeviceTraits): readonly KernelVariant[] {
  if (traits.isSoftware) return [REGISTERS];
  const sharing = traits.features.includes('subgroups') ? [SUBGROUPS, TILED] : [TILED];
  return prefersRegisters(traits) ? [REGISTERS, ...sharing] : [...sharing, REGISTERS];
}
