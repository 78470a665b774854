/** The examples of docs/kernels.md, executed as they stand against the bundle, by Node alone. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { nodeGpu } from '../testing/gpu.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUNDLE = join(ROOT, 'dist/kernels/index.js');
const URL_OF = (path: string) => JSON.stringify(pathToFileURL(path).href);

test('the examples of docs/kernels.md say what they compute', async ({ skip }) => {
  if (!existsSync(BUNDLE)) return skip('there is no bundle: npm run build');
  const found = await nodeGpu();
  if (found.kind === 'none') return skip(found.reason);
  const folder = await mkdtemp(join(tmpdir(), 'idlewave-kernels-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const text = await readFile(join(ROOT, 'docs/kernels.md'), 'utf8');
  const examples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
  expect(examples).toHaveLength(2);
  // A driver's loader is found by the tests' own set-up; a user has a GPU.
  const setUp =
    `import { nodeGpu } from ${URL_OF(join(ROOT, 'kernels/testing/gpu.ts'))};\n` +
    `const found = await nodeGpu();\n` +
    `Object.defineProperty(globalThis, 'navigator', { value: { gpu: found.gpu }, configurable: true });\n`;
  const outputs: string[] = [];
  for (const [i, code] of examples.entries()) {
    const file = join(folder, `example${i}.mts`);
    const script = code.replace("'idlewave/kernels'", URL_OF(BUNDLE));
    await writeFile(file, `${setUp}${script}\nprocess.exit(0);\n`);
    const tsx = import.meta.resolve('tsx');
    const { stdout } = await run(process.execPath, ['--import', tsx, file], { cwd: ROOT });
    outputs.push(stdout);
  }
  expect(outputs[0]).toContain('[ 2, 2 ] Float32Array(4) [ 4, 5, 10, 11 ]');
  expect(outputs[1]).toBe(`${1 / 64}\n`);
});
