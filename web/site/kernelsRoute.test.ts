import { expect, it } from 'vitest';
import { kernelsHash, kernelsRoute } from './kernelsRoute.ts';

it.each([[], ['matmul'], ['gameOfLife', 'gameOfLife.gpu.test.ts']])(
  'reads the address that it writes: %j',
  (...parts) => {
    const [folder = null, file = null] = parts;
    expect(kernelsRoute(kernelsHash(...parts))).toEqual({ folder, file });
  },
);

it.each(['', '#jobs', '#kernels/', '#kernels/a/b/c', '#kernels/../x', '#kernelsx'])(
  'reads nothing from %j',
  (hash) => {
    expect(kernelsRoute(hash)).toBeNull();
  },
);
