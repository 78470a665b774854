/**
 * What every kernel of the catalogue is tried with, by its name: on every device, by every variant, beside its reference.
 */
import type { KernelExample } from '../example.ts';
import { attentionCases } from '../attention/cases.ts';
import { conv2dCases } from '../conv2d/cases.ts';
import { fftCases } from '../fft/cases.ts';
import { gameOfLifeCases } from '../gameOfLife/cases.ts';
import { histogramCases } from '../histogram/cases.ts';
import { kmeansCases } from '../kmeans/cases.ts';
import { layernormCases } from '../layernorm/cases.ts';
import { linearCases } from '../linear/cases.ts';
import { mandelbrotCases } from '../mandelbrot/cases.ts';
import { matmulCases } from '../matmul/cases.ts';
import { matmulInt8Cases } from '../matmulInt8/cases.ts';
import { matvecCases } from '../matvec/cases.ts';
import { montecarloCases } from '../montecarlo/cases.ts';
import { nbodyCases } from '../nbody/cases.ts';
import { pathtraceCases } from '../pathtrace/cases.ts';
import { reduceCases } from '../reduce/cases.ts';
import { reduceExactCases } from '../reduceExact/cases.ts';
import { rmsnormCases } from '../rmsnorm/cases.ts';
import { scanCases } from '../scan/cases.ts';
import { sha256SearchCases } from '../sha256Search/cases.ts';
import { smithWatermanCases } from '../smithWaterman/cases.ts';
import { softmaxCases } from '../softmax/cases.ts';
import { sortCases } from '../sort/cases.ts';
import { transposeCases } from '../transpose/cases.ts';

export interface KernelCase extends KernelExample {
  /** Tried by every variant also on a software adapter, which takes seconds to compile a module that has barriers. */
  readonly isForAll?: true;
}

/** The first of each is small and ordinary: tests of all kernels at once take it as an example. */
export const CASES: Readonly<Record<string, readonly [KernelCase, ...KernelCase[]]>> = {
  attention: attentionCases,
  conv2d: conv2dCases,
  fft: fftCases,
  gameOfLife: gameOfLifeCases,
  histogram: histogramCases,
  kmeans: kmeansCases,
  layernorm: layernormCases,
  linear: linearCases,
  mandelbrot: mandelbrotCases,
  matmul: matmulCases,
  matmulInt8: matmulInt8Cases,
  matvec: matvecCases,
  montecarlo: montecarloCases,
  nbody: nbodyCases,
  pathtrace: pathtraceCases,
  reduce: reduceCases,
  reduceExact: reduceExactCases,
  rmsnorm: rmsnormCases,
  scan: scanCases,
  sha256Search: sha256SearchCases,
  smithWaterman: smithWatermanCases,
  softmax: softmaxCases,
  sort: sortCases,
  transpose: transposeCases,
};
