/**
 * Declarations of what a package entry exports, and of all that it names, for whoever compiles against the package. They
 * import each other as JavaScript: TypeScript leaves the `.ts` of our own imports as it is.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { Plugin } from 'vite';

const root = join(import.meta.dirname, '..');

export interface DeclarationsOptions {
  /** From the root of the project, as the others. */
  readonly entry: string;
  readonly tsconfig: string;
  readonly outDir: string;
}

export function declarations({ entry, tsconfig, outDir }: DeclarationsOptions): Plugin {
  return {
    name: 'idlewave-declarations',
    async writeBundle() {
      const config = ts.getParsedCommandLineOfConfigFile(
        join(root, tsconfig),
        {
          noEmit: false,
          declaration: true,
          emitDeclarationOnly: true,
          // `npm run check` checks; this only writes.
          noCheck: true,
          outDir: join(root, outDir),
          rootDir: root,
        },
        { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
      );
      if (config === undefined) throw new Error(`${tsconfig} cannot be read`);
      const program = ts.createProgram([join(root, entry)], config.options);
      const files: [path: string, text: string][] = [];
      program.emit(undefined, (path, text) => files.push([path, text]), undefined, true);
      for (const [path, text] of files) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text.replace(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, '$1$2.js$1'));
      }
    },
  };
}
