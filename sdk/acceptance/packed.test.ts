/**
 * What a new author does: installs the packed tarball in an empty folder, posts a face detector over a folder of 300
 * photographs, and has one row for each. Coordinator and volunteers, two browser tabs, run from the same package.
 *
 * Needs the bundle (`npm run build`), a browser, and the photographs of ../shared; says so where one is absent.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { assert } from '../../shared/result.ts';
import { findOrInstallBrowser } from '../cli/browser.ts';
import { resizePixels, type ImageType } from '../inputs/images/codecs.ts';
import { decodeImage } from '../inputs/images/decodeImage.ts';
import { encodeImage } from '../inputs/images/testing/imageFiles.ts';

vi.setConfig({ testTimeout: 600_000 });

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MODELS = join(process.env['IDLEWAVE_SHARED'] ?? join(ROOT, '../shared'), 'models');
const IMAGES = 300;
const DEADLINE_MS = 300_000;
const TYPES: readonly ImageType[] = ['jpg', 'png', 'webp'];

test(`${IMAGES} photographs from a packed tarball, in two commands`, async ({ skip }) => {
  if (!existsSync(join(ROOT, 'dist/cli/idlewave.js')) || !existsSync(join(ROOT, 'dist/web')))
    return skip('there is no bundle: npm run build');
  if (!existsSync(MODELS)) return skip(`there are no photographs in ${MODELS}`);
  const folder = await mkdtemp(join(tmpdir(), 'idlewave-packed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const photos = await makePhotos(folder);
  const home = join(folder, 'author');
  await mkdir(home);
  const pack = ['pack', '--ignore-scripts', '--pack-destination', folder, '--json'];
  const { stdout: packed } = await run('npm', pack, { cwd: ROOT, maxBuffer: 2 ** 26 });
  const [{ filename, size, files }] = JSON.parse(packed) as [Packed];
  expect(
    files
      .map(({ path }) => path)
      .filter((path) => /(^|\/)(sdk|web|e2e)\/.*(?<!\.d)\.ts$/.test(path)),
  ).toEqual([]);

  const startMs = performance.now();
  const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', [...install, join(folder, filename)], { cwd: home });
  const installedMs = performance.now();
  expect(existsSync(join(home, 'node_modules/vite'))).toBe(false);
  const idlewave = join(home, 'node_modules/.bin/idlewave');

  // Somebody else's machines: the author only knows the address.
  const serve = background(idlewave, [
    'serve',
    '--port',
    '0',
    '--data',
    join(folder, 'data'),
    '--json',
  ]);
  const { url, adminToken } = JSON.parse(await serve.firstLine) as {
    url: string;
    adminToken: string;
  };
  const env = {
    ...process.env,
    IDLEWAVE_URL: url,
    IDLEWAVE_KEY: adminToken,
    CHROMIUM_PATH: await findOrInstallBrowser(() => undefined),
  };
  background(idlewave, ['contribute', '--url', url, '--count', '2', '--engine', 'browser'], env);

  const submitMs = performance.now();
  const submit = [
    ...['submit', '--model', join(MODELS, 'ultraface-rfb-320.onnx')],
    ...['--images', `${photos}/*.{jpg,png,webp}`, '--output', 'faces.jsonl'],
    ...['--threshold', '0.7', '--ignore-class', '0'],
  ];
  const { stdout, stderr } = await run(idlewave, submit, { cwd: home, env, maxBuffer: 2 ** 26 });
  const endMs = performance.now();
  expect(stderr).toContain('preset ultraface');
  expect(stdout).toContain(`${IMAGES} of ${IMAGES} items`);
  const rows = (await readFile(join(home, 'faces.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  expect(rows.map(({ item }) => item)).toEqual([...Array(IMAGES).keys()]);
  const names = (await readdir(photos)).sort();
  expect(rows.map(({ file }) => file)).toEqual(names.map((name) => join(photos, name)));
  const faces = rows.map(({ outputs }) => outputs.scores);
  expect(
    faces.every((each) => each.every(({ score, boxes }) => score >= 0.7 && boxes.length === 4)),
  ).toBe(true);
  const seconds = (fromMs: number, toMs: number): string => ((toMs - fromMs) / 1000).toFixed(1);
  console.log(
    `tarball of ${(size / 2 ** 20).toFixed(1)} MiB installed in ${seconds(startMs, installedMs)} s; ` +
      `${IMAGES} rows ${seconds(submitMs, endMs)} s after submit; ` +
      `${faces.filter((each) => each.length > 0).length} photographs with a face; ${stdout.split('\n').find((line) => line.startsWith('Done'))}`,
  );
  expect(endMs - startMs).toBeLessThan(DEADLINE_MS);

  await typeCheck(home);
});

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

interface Row {
  readonly item: number;
  readonly file: string;
  readonly outputs: {
    readonly scores: readonly { readonly score: number; readonly boxes: readonly number[] }[];
  };
}

/** Of other extents and kinds, each a little different. */
async function makePhotos(folder: string): Promise<string> {
  const photos = join(folder, 'photos');
  await mkdir(photos);
  const sources = [];
  for (const name of (await readdir(join(MODELS, 'images'))).sort()) {
    const picture = await decodeImage(await readFile(join(MODELS, 'images', name)), name);
    assert(picture.ok, name);
    sources.push(picture.value);
  }
  for (let i = 0; i < IMAGES; i++) {
    const type = TYPES[i % TYPES.length]!;
    const [width, height] = [280 + ((i * 7) % 90), 200 + ((i * 5) % 70)];
    const picture = await resizePixels(sources[i % sources.length]!, width, height, 'triangle');
    const name = `photo-${String(i).padStart(3, '0')}.${type}`;
    await writeFile(join(photos, name), await encodeImage(type, picture));
  }
  return photos;
}

/** An author's program compiles against the package's types alone. */
async function typeCheck(home: string): Promise<void> {
  const program = `import { IdlewaveClient, collectResults, type ItemResult } from 'idlewave/client';
const client = new IdlewaveClient({ url: 'http://127.0.0.1:1', key: 'k' });
const job = await client.job('job_1', { signal: AbortSignal.timeout(1) });
for await (const result of job.results({ order: 'item' })) {
  const one: ItemResult = result;
  console.log(one.item, one.outputs?.['y']?.dims[0]?.toFixed());
}
const { settled } = await collectResults(job);
console.log(settled.toFixed());
// @ts-expect-error: the types are there, so this is wrong
console.log(job.nothing);
`;
  await writeFile(join(home, 'use.mts'), program);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const flags = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,dom'];
    const args = [...flags, '--module', module, '--moduleResolution', resolution, 'use.mts'];
    const { stdout } = await run(process.execPath, [tsc, ...args], { cwd: home }).catch(
      (thrown: { stdout: string }) => thrown,
    );
    expect(stdout).toBe('');
  }
}

/** Runs until the test has ended. */
function background(command: string, args: readonly string[], env = process.env) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (piece) => {
      text += String(piece);
      if (text.includes('\n')) resolve(text.split('\n')[0]!);
    });
    child.once('close', () => reject(new Error(`${args[0]} ended`)));
  });
  firstLine.catch(() => undefined);
  return { firstLine };
}
