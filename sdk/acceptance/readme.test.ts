/**
 * Every example of the README, executed as it stands: its TypeScript, and its `submit` commands.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MEMORY } from '../../coordinator/config.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { startCoordinator } from '../../coordinator/main.ts';
import { startNodeHost } from '../../web/volunteer/nodeHost.ts';
import { runCli } from '../cli/cli.ts';
import { readTensorFile } from '../inputs/tensorFile.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const stop = new AbortController();
let coordinator: Coordinator;
let folder: string;
let readme: string;
let env: Record<string, string>;

beforeAll(async () => {
  readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  folder = await mkdtemp(join(tmpdir(), 'idlewave-readme-'));
  coordinator = await startCoordinator({ port: 0, host: '127.0.0.1', dataDir: MEMORY });
  env = { IDLEWAVE_URL: coordinator.url, IDLEWAVE_KEY: coordinator.adminToken };
  for (const name of ['one', 'two']) {
    const identityFile = join(folder, `${name}.key`);
    await startNodeHost({ url: coordinator.url, identityFile, signal: stop.signal });
  }
});
afterAll(async () => {
  stop.abort();
  await coordinator.close();
  await rm(folder, { recursive: true, force: true });
});

test('the TypeScript example gets all of its results', async () => {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const client = JSON.stringify(join(ROOT, 'sdk/client.ts'));
  const script = code!.replace("'idlewave/client'", client);
  const check =
    '\nconsole.log(JSON.stringify({ dims: outputs.hits.dims, missing: missing.length }));\n';
  const file = join(folder, 'example.mts');
  await writeFile(file, script + check);
  const tsx = import.meta.resolve('tsx');
  const options = { env: { ...process.env, ...env }, cwd: ROOT };
  const { stdout } = await run(process.execPath, ['--import', tsx, file], options);
  expect(JSON.parse(stdout)).toEqual({ dims: [64], missing: 0 });
});

test('the commands of "Cut a model into stages" plan and write stages', async () => {
  const commands = [...readme.matchAll(/^npm run -s idlewave -- (split [^#\n]*)/gm)];
  expect(commands).toHaveLength(2);
  for (const [, line] of commands) {
    const args = line!
      .trim()
      .split(/\s+/)
      .map((word) => (word === 'stages' ? join(folder, word) : word))
      .map((word) => (word.startsWith('sdk/') ? join(ROOT, word) : word));
    let errors = '';
    const stderr = { write: (text: string) => void (errors += text) };
    const io = { stdout: { write: () => undefined }, stderr, env, signal: stop.signal };
    expect(await runCli(args, io), errors).toBe(0);
  }
  const list = JSON.parse(await readFile(join(folder, 'stages/digits.stages.json'), 'utf8')) as {
    stages: { file: string }[];
  };
  expect(list.stages.map(({ file }) => file)).toEqual(['digits.stage-0.onnx']);
});

test('the commands that submit jobs post and write what they say', async () => {
  const commands = [...readme.matchAll(/^npm run -s idlewave -- (submit .*)$/gm)];
  expect(commands).toHaveLength(3);
  for (const [, line] of commands) {
    const words = [...line!.matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain!,
    );
    const args = words.map((word) => (word.endsWith('.npz') ? join(folder, word) : word));
    let errors = '';
    const stderr = { write: (text: string) => void (errors += text) };
    const io = { stdout: { write: () => undefined }, stderr, env, signal: stop.signal };
    const inRoot = args.map((word) => (word.startsWith('sdk/') ? join(ROOT, word) : word));
    expect(await runCli(inRoot, io), errors).toBe(0);
  }
  for (const file of ['labels.npz', 'out.npz']) {
    const written = await readTensorFile(join(folder, file));
    expect(written.ok && written.value['logits']?.dims).toEqual([512, 10]);
  }
});
