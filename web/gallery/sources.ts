/**
 * The texts of every kernel, as they were built: WGSL, reference, tests and what belongs to them, so that any site that
 * runs a gallery shows what it runs. A kernel's texts are one file, loaded when somebody reads them (`vite.config.ts`).
 */
import { composedText } from './composed.ts';

const TEXTS = import.meta.glob<string>(
  [
    '../../kernels/*/*.{ts,wgsl}',
    '!../../kernels/{fingerprint,library,runtime,testing}/*',
    '!**/*.d.ts',
  ],
  { query: '?raw', import: 'default' },
);
const PREFIX = '../../kernels/';
/** What composes a kernel's module for a device, where it is not a file. */
export const COMPOSER = 'shader.ts';
/** What that makes of the small example. */
export const COMPOSED = 'composed.wgsl';

/** In the order in which a page shows them. */
export const SOURCE_ROLES = ['shader', 'reference', 'test', 'manifest', 'other'] as const;
export type SourceRole = (typeof SOURCE_ROLES)[number];

export interface SourceFile {
  /** Within the kernel's folder, or what is made of it. */
  readonly name: string;
  readonly role: SourceRole;
}

/** By the house's names. */
export function roleOf(name: string): SourceRole {
  if (name === 'reference.ts') return 'reference';
  if (name === 'manifest.ts') return 'manifest';
  if (name === 'cases.ts' || name.endsWith('.test.ts')) return 'test';
  if (name.endsWith('.wgsl') || name === COMPOSER) return 'shader';
  return 'other';
}

/** The files of a kernel's folder, what one looks for first to begin with. */
export const sourcesOf = (folder: string): readonly SourceFile[] =>
  Object.keys(TEXTS)
    .filter((path) => path.startsWith(`${PREFIX}${folder}/`))
    .map((path) => path.slice(PREFIX.length + folder.length + 1))
    .flatMap((name) => (name === COMPOSER ? [name, COMPOSED] : [name]))
    .map((name) => ({ name, role: roleOf(name) }))
    .sort(
      (a, b) =>
        SOURCE_ROLES.indexOf(a.role) - SOURCE_ROLES.indexOf(b.role) || (a.name < b.name ? -1 : 1),
    );

/** Undefined where there is no such file. Rejects where it cannot be fetched. */
export async function sourceText(folder: string, name: string): Promise<string | undefined> {
  const isComposed = name === COMPOSED && sourcesOf(folder).some((file) => file.name === name);
  return isComposed ? composedText(folder) : TEXTS[`${PREFIX}${folder}/${name}`]?.();
}
