/**
 * The bundle of the coordinator, the command line and the SDK for Node, and the SDK's types: dist/cli.
 *
 * Dependencies stay packages. Workers and the demo's data are found beside the file that asks
 * for them, so each has an entry of its own name.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

function demoData(): Plugin {
  return {
    name: 'idlewave-demo-data',
    writeBundle: () =>
      cp(join(root, 'sdk/demo/data'), join(root, 'dist/cli/data'), { recursive: true }),
  };
}

/**
 * What `idlewave/client` exports, as declarations under dist/cli/types. Authors compile against these, so they import
 * each other as JavaScript: TypeScript leaves the `.ts` of our own imports as it is in declarations.
 */
function clientTypes(): Plugin {
  return {
    name: 'idlewave-client-types',
    async writeBundle() {
      const config = ts.getParsedCommandLineOfConfigFile(
        join(root, 'sdk/tsconfig.json'),
        {
          noEmit: false,
          declaration: true,
          emitDeclarationOnly: true,
          // `npm run check` checks; this only writes.
          noCheck: true,
          outDir: join(root, 'dist/cli/types'),
          rootDir: root,
        },
        { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
      );
      if (config === undefined) throw new Error('sdk/tsconfig.json cannot be read');
      const program = ts.createProgram([join(root, 'sdk/client.ts')], config.options);
      const files: [path: string, text: string][] = [];
      program.emit(undefined, (path, text) => files.push([path, text]), undefined, true);
      for (const [path, text] of files) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text.replace(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, '$1$2.js$1'));
      }
    },
  };
}

export default defineConfig({
  plugins: [demoData(), clientTypes()],
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
