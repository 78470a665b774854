/**
 * Every example of the README, executed as it stands: its TypeScript, and its `submit` commands.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MEMORY } from '../../coordinator/config.ts';
import type { Coordinator } from '../../coordinator/coordinator.ts';
import { startCoordinator } from '../../coordinator/main.ts';
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { startNodeHost } from '../../web/volunteer/nodeHost.ts';
import { runCli } from '../cli/cli.ts';
import { encodeImage, quarters } from '../inputs/images/testing/imageFiles.ts';
import { readTensorFile } from '../inputs/wholeFile.ts';

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
  const lines = stdout.trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1)!)).toEqual({ dims: [64], missing: 0 });
  expect(stdout).toContain('U32');
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
  expect(commands).toHaveLength(5);
  await makePhotos();
  for (const [, line] of commands) {
    const words = [...line!.matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain!,
    );
    const args = words.map((word) =>
      /\.(npz|csv)$|^photos/.test(word) ? join(folder, word) : word,
    );
    let errors = '';
    const stderr = { write: (text: string) => void (errors += text) };
    const io = { stdout: { write: () => undefined }, stderr, env, signal: stop.signal };
    const inRoot = args.map((word) => (word.startsWith('sdk/') ? join(ROOT, word) : word));
    expect(await runCli(inRoot, io), errors).toBe(0);
  }
  const digits = await readFile(join(folder, 'digits.csv'), 'utf8');
  expect(digits.trimEnd().split('\n')).toHaveLength(4);
  for (const file of ['labels.npz', 'out.npz']) {
    const written = await readTensorFile(join(folder, file));
    expect(written.ok && written.value['logits']?.dims).toEqual([512, 10]);
  }
});

test('the model that is published answers as the protocol says', async () => {
  const [, line] = /^npm run -s idlewave -- (models publish .*)$/m.exec(readme) ?? [];
  const [, path] = /^curl \$IDLEWAVE_URL(\S+)$/m.exec(readme) ?? [];
  const args = line!.split(' ').map((word) => (word.startsWith('sdk/') ? join(ROOT, word) : word));
  let out = '';
  let errors = '';
  const stdout = { write: (text: string) => void (out += text) };
  const stderr = { write: (text: string) => void (errors += text) };
  expect(await runCli(args, { stdout, stderr, env, signal: stop.signal }), errors).toBe(0);
  expect(out).toBe('Published digits, version 1\n');
  expect(errors).toContain('It takes image FP32[N,1,28,28]\nand gives logits FP32[N,10]\n');
  const asked = await fetch(coordinator.url + path!);
  expect(await asked.json()).toMatchObject({ name: 'digits', versions: ['1'] });
  out = '';
  const list = { stdout, stderr, env, signal: stop.signal };
  expect(await runCli(['models', 'ls'], list), errors).toBe(0);
  expect(out).toMatch(/NAME +VERSIONS +YOURS +TAKES +GIVES\ndigits +1 +yes +image FP32/);
  expect(await runCli(['models', 'withdraw', 'digits'], list), errors).toBe(0);
  expect((await fetch(coordinator.url + path!)).status).toBe(404);
});

test('the webhook that is registered says why nothing arrives', async () => {
  const [, line] = /^npm run -s idlewave -- (webhooks add [^#\n]*)/m.exec(readme) ?? [];
  let out = '';
  let errors = '';
  const stdout = { write: (text: string) => void (out += text) };
  const stderr = { write: (text: string) => void (errors += text) };
  const io = { stdout, stderr, env, signal: stop.signal };
  expect(await runCli(line!.trim().split(/\s+/), io), errors).toBe(0);
  const [, id] = /^(wh_\S+) whsec_/.exec(out) ?? [];
  // Nobody has such a server.
  expect(await runCli(['webhooks', 'test', id!], io)).toBe(1);
  expect(errors).toContain('The ping was not taken');
  expect(await runCli(['webhooks', 'rm', id!], io), errors).toBe(0);
});

test('the pipe gives a line for every row, in their order', async () => {
  const [, line] =
    /^cat rows\.jsonl \| npm run -s idlewave -- (run [^>]*) > out\.jsonl$/m.exec(readme) ?? [];
  const digits = await readTensorFile(join(ROOT, 'sdk/demo/data/digits.safetensors'));
  const images = valuesOf((digits as { value: NamedTensors }).value['image']!) as Float32Array;
  const rows = Array.from({ length: 40 }, (_, i) => [...images.subarray(i * 784, (i + 1) * 784)]);
  const stdin = Readable.from(rows.map((row) => `${JSON.stringify(row)}\n`));
  let out = '';
  let errors = '';
  const stdout = { write: (text: string) => void (out += text) };
  const stderr = { write: (text: string) => void (errors += text) };
  const args = line!.split(' ').map((word) => (word.startsWith('sdk/') ? join(ROOT, word) : word));
  expect(await runCli(args, { stdin, stdout, stderr, env, signal: stop.signal }), errors).toBe(0);
  const items = out
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as { item: number });
  expect(items.map(({ item }) => item)).toEqual([...rows.keys()]);
  expect(items[0]).toMatchObject({ outputs: { logits: { class: expect.any(Number) as number } } });
});

async function makePhotos(): Promise<void> {
  await mkdir(join(folder, 'photos'));
  for (const type of ['png', 'jpg', 'webp'] as const)
    await writeFile(join(folder, `photos/one.${type}`), await encodeImage(type, quarters(40, 30)));
}
