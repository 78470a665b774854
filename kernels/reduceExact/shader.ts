/** The WGSL of reduceExact@1: one module for sums, one for maxima and minima. */
import type { ReduceExactParams } from './manifest.ts';
import extreme from './extreme.wgsl?raw';
import fixedSum from './fixedSum.wgsl?raw';

export const reduceExactShader = ({ operation }: ReduceExactParams): string =>
  operation === 'sum' ? fixedSum : extreme;
