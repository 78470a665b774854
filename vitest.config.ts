import { defineConfig } from 'vitest/config';

const ACCEPTANCE = 'sdk/acceptance/**/*.test.ts';
/** A machine with two busy cores and a slow disk: generous, and never asserted. */
const PATIENCE = { testTimeout: 300_000, hookTimeout: 300_000 };
const everywhere = ['node_modules/**', 'dist/**', 'e2e/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...everywhere, '**/*.gpu.test.ts', ACCEPTANCE],
          environment: 'node',
          ...PATIENCE,
        },
      },
      {
        test: {
          // Whole processes, minutes long: side by side on two cores they only wait for each other.
          name: 'acceptance',
          include: [ACCEPTANCE],
          environment: 'node',
          ...PATIENCE,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'gpu',
          include: ['**/*.gpu.test.ts'],
          exclude: everywhere,
          environment: 'node',
          // One software adapter on two cores: side by side they only wait for each other.
          fileParallelism: false,
          ...PATIENCE,
        },
      },
    ],
  },
});
