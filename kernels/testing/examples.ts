/**
 * Small parameters for every kernel of the catalogue, by name: for tests that hold of all of them.
 */
export const EXAMPLE_PARAMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  matmul: { m: 5, k: 7, n: 3 },
  montecarlo: { dimensions: 3, samplesPerItem: 500, seed: 11 },
  nbody: { bodies: 6, steps: 3, dtSeconds: 0.01, softeningMetres: 0.1 },
};
