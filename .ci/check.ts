/**
 * `npm run check`: types of every folder, lint, format, dead code, architecture. Runs all, then says what
 * failed.
 */
import { spawnSync } from 'node:child_process';

const TYPED = [
  '.',
  'shared',
  'shared/tsconfig.test.json',
  'kernels',
  'coordinator/core',
  'coordinator',
  'sdk',
  'web',
  'web/volunteer',
  'web/peer',
  'web/serviceWorker',
  'e2e',
];

const checks: readonly (readonly [name: string, command: readonly string[]])[] = [
  ...TYPED.map((folder) => [`types of ${folder}`, ['tsc', '-p', folder]] as const),
  ['svelte', ['svelte-check', '--tsconfig', 'web/tsconfig.json', '--fail-on-warnings']],
  ['lint', ['eslint', '.', '--max-warnings', '0']],
  ['format', ['prettier', '--check', '.', '--log-level', 'warn']],
  ['dead code', ['knip']],
  ['architecture', ['vitest', 'run', 'architecture.test.ts', '--project', 'unit']],
];

const failed = checks.filter(([name, command]) => {
  console.log(`— ${name}`);
  return spawnSync('npx', ['--no-install', ...command], { stdio: 'inherit' }).status !== 0;
});
console.log(
  failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.map(([n]) => n).join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
