/**
 * The cases of `npm run bench -- kernels` and what each is to reach, as data.
 */
import type { Operation } from './operations.ts';

export type Peer = 'ort' | 'tfjs' | 'jax';

export interface ContestCase {
  readonly name: string;
  readonly operation: Operation;
  /** The peer's time over ours that is to be reached on a software adapter. */
  readonly goals: Readonly<Partial<Record<Peer, number>>>;
}

const conv = (
  name: string,
  [channels, filters, side, kernel, groups]: readonly [number, number, number, number, number],
): ContestCase => ({
  name: `conv2d ${name}`,
  operation: { kind: 'conv2d', channels, filters, side, kernel, groups },
  goals: { ort: 10 },
});

export const CONTEST_CASES: readonly ContestCase[] = [
  {
    // Next to no arithmetic: what a run costs besides.
    name: 'matmul 8³',
    operation: { kind: 'matmul', m: 8, k: 8, n: 8 },
    goals: {},
  },
  {
    name: 'matmul 512³',
    operation: { kind: 'matmul', m: 512, k: 512, n: 512 },
    goals: { ort: 6, tfjs: 6 },
  },
  {
    name: 'matmul 1024³',
    operation: { kind: 'matmul', m: 1024, k: 1024, n: 1024 },
    goals: { ort: 4, jax: 2 },
  },
  {
    name: 'matvec 1024 × 1024',
    operation: { kind: 'matvec', m: 1024, k: 1024 },
    goals: { ort: 20 },
  },
  {
    // The largest matrix of an item is 8 MiB.
    name: 'matvec 512 × 4096',
    operation: { kind: 'matvec', m: 512, k: 4096 },
    goals: { ort: 20 },
  },
  conv('3×3, 32→32, 28²', [32, 32, 28, 3, 1]),
  conv('1×1, 64→64, 56²', [64, 64, 56, 1, 1]),
  conv('3×3 depthwise, 64, 56²', [64, 64, 56, 3, 64]),
  {
    name: 'softmax 512 × 1024',
    operation: { kind: 'softmax', rows: 512, columns: 1024 },
    goals: { ort: 4 },
  },
  {
    name: 'layernorm 512 × 1024',
    operation: { kind: 'layernorm', rows: 512, columns: 1024 },
    goals: { ort: 4 },
  },
  {
    name: 'sums 512 × 1024',
    operation: { kind: 'reduce', rows: 512, columns: 1024 },
    goals: { ort: 4 },
  },
  {
    name: 'sum 1 × 2²⁰',
    operation: { kind: 'reduce', rows: 1, columns: 2 ** 20 },
    goals: { ort: 4 },
  },
  {
    name: 'fft 2¹⁰',
    operation: { kind: 'fft', width: 1024, height: null },
    goals: { jax: 1 },
  },
  {
    name: 'fft 2¹⁶',
    operation: { kind: 'fft', width: 65_536, height: null },
    goals: { jax: 1 },
  },
  {
    name: 'fft 256 × 256',
    operation: { kind: 'fft', width: 256, height: 256 },
    goals: { jax: 1 },
  },
];
