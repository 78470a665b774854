/**
 * The WGSL of reduce@1: of threads alone, or of workgroups whose threads add up each other's sums in one of two ways.
 */
import type { KernelVariant } from '../variants.ts';
import type { ReduceParams } from './manifest.ts';
import groups from './reduceGroups.wgsl?raw';
import lanesOfValues from './lanesOfValues.wgsl?raw';
import lanesOfVectors from './lanesOfVectors.wgsl?raw';
import registers from './reduceRegisters.wgsl?raw';
import totalSubgroups from './totalSubgroups.wgsl?raw';
import totalTiled from './totalTiled.wgsl?raw';

export function reduceShader({ length }: ReduceParams, { family }: KernelVariant): string {
  switch (family) {
    case 'registers':
      return `${registers}\n${length % 4 === 0 ? lanesOfVectors : lanesOfValues}`;
    case 'subgroups':
      return `enable subgroups;\n${groups}\n${totalSubgroups}`;
    case 'tiled':
      return `${groups}\n${totalTiled}`;
    default:
      return family satisfies never;
  }
}
