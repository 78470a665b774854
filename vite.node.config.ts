/**
 * The bundle of the coordinator, the command line and the SDK for Node, and the SDK's types: dist/cli.
 *
 * Dependencies stay packages. Workers and the demo's data are found beside the file that asks
 * for them, so each has an entry of its own name.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { declarations } from './.ci/declarations.ts';

const root = import.meta.dirname;

function demoData(): Plugin {
  return {
    name: 'idlewave-demo-data',
    writeBundle: () =>
      cp(join(root, 'sdk/demo/data'), join(root, 'dist/cli/data'), { recursive: true }),
  };
}

export default defineConfig({
  plugins: [
    demoData(),
    declarations({
      entry: 'sdk/client.ts',
      tsconfig: 'sdk/tsconfig.json',
      outDir: 'dist/cli/types',
    }),
  ],
  build: {
    ssr: true,
    outDir: join(root, 'dist/cli'),
    emptyOutDir: true,
    target: 'node20',
    rollupOptions: {
      input: {
        idlewave: join(root, 'sdk/cli/main.ts'),
        client: join(root, 'sdk/client.ts'),
        refereeWorker: join(root, 'coordinator/referee/refereeWorker.ts'),
        checkWorker: join(root, 'coordinator/check/checkWorker.ts'),
        pgliteWorker: join(root, 'coordinator/store/pgliteWorker.ts'),
      },
      // Everything beside its entry: `new URL('./x', import.meta.url)` must hold in every chunk.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
