/**
 * The bundle of `idlewave/kernels`, for pages and for Node, with its types: dist/kernels. A kernel is a file of its own,
 * loaded when it is first called. Nothing else is needed at run time.
 */
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { declarations } from './.ci/declarations.ts';

const root = import.meta.dirname;

export default defineConfig({
  plugins: [
    declarations({
      entry: 'kernels/library/kernels.ts',
      tsconfig: 'kernels/tsconfig.json',
      outDir: 'dist/kernels/types',
    }),
  ],
  publicDir: false,
  build: {
    outDir: join(root, 'dist/kernels'),
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: join(root, 'kernels/library/kernels.ts'), formats: ['es'], fileName: 'index' },
    rolldownOptions: { output: { chunkFileNames: '[name]-[hash].js' } },
  },
});
