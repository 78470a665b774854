/** nbody@1 on few steps from anywhere; real clusters are in its own test. */
import type { KernelCase } from '../testing/cases.ts';

const lengths = { dtSeconds: 0.01, softeningMetres: 0.1 };

export const nbodyCases: readonly [KernelCase, ...KernelCase[]] = [
  { params: { bodies: 6, steps: 3, ...lengths }, items: 3 },
  { params: { bodies: 2, steps: 1, ...lengths }, items: 5 },
  { params: { bodies: 65, steps: 2, ...lengths }, items: 2 },
];
