/**
 * The build of the pages: web/site to dist/web, with the ONNX Runtime files that the compute worker loads.
 *
 * Serves nothing by itself: the coordinator serves dist/web, and `npm run dev` runs this in middleware mode.
 * Invariant: what is built is same-origin only and has no inline script, so that a strict CSP holds.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, defaultClientConditions, defineConfig, type Plugin, type Rolldown } from 'vite';
import packageJson from './package.json' with { type: 'json' };

const root = join(import.meta.dirname, 'web/site');
const outDir = join(import.meta.dirname, 'dist/web');

/** The coordinator that a standalone dev server passes the API on to. */
const devTarget = process.env['IDLEWAVE_DEV_TARGET'];

/** The builds that web/compute/ortModules.ts may load; JSEP's and WebGL's are not among them. */
const ORT_BUILDS = ['', '.jspi', '.asyncify'];

const ORT_VERSION = packageJson.dependencies['onnxruntime-web'];

/** Puts ORT's files at /ort/VERSION/: copied by a build, streamed from the package by the dev server. */
function ortFiles(): Plugin {
  const require = createRequire(import.meta.url);
  const directory = dirname(require.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  const names = ORT_BUILDS.flatMap((build) =>
    ['mjs', 'wasm'].map((type) => `ort-wasm-simd-threaded${build}.${type}`),
  );
  return {
    name: 'idlewave-ort-files',
    configureServer(server) {
      server.middlewares.use(`/ort/${ORT_VERSION}`, (request, response, next) => {
        const name = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
        if (!names.includes(name)) {
          next();
          return;
        }
        const type = name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
        response.setHeader('content-type', type);
        createReadStream(join(directory, name)).pipe(response);
      });
    },
    async writeBundle() {
      const folder = join(outDir, 'ort', ORT_VERSION);
      await mkdir(folder, { recursive: true });
      for (const name of names) await copyFile(join(directory, name), join(folder, name));
    },
  };
}

/** A script of its own beside the pages: one file, whatever they share. */
async function buildAlone(
  input: string,
  fileName: string,
  define: Readonly<Record<string, string>> = {},
): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    define,
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      modulePreload: { polyfill: false },
      rolldownOptions: { input, output: { entryFileNames: fileName } },
    },
  });
}

const WIDGET_LOADER = join(import.meta.dirname, 'web/widget/loader/widget.ts');

/**
 * `/widget.js`, one file whatever the pages share: it is part of other people's sites. The dev server gives the source.
 */
function widgetLoader(): Plugin {
  return {
    name: 'idlewave-widget-loader',
    configureServer(server) {
      server.middlewares.use((request, _, next) => {
        if (request.url === '/widget.js') request.url = `/@fs${WIDGET_LOADER}`;
        next();
      });
    },
    async writeBundle() {
      await buildAlone(WIDGET_LOADER, 'widget.js');
    },
  };
}

const SERVICE_WORKER = join(import.meta.dirname, 'web/serviceWorker/serviceWorker.ts');
/** Pages that volunteers need for nothing: what they alone lead to is not kept on devices. */
const NOT_KEPT = ['PostPage', 'KernelsPage'];
/** The files of a release whose names do not say what is in them, besides its document. */
const UNHASHED = ['icon.svg', 'icon-192.png', 'icon-512.png', 'manifest.webmanifest'];

/** `/service-worker.js`, which knows every file of its release. A dev server has none: there pages change all the time. */
function serviceWorker(): Plugin {
  return {
    name: 'idlewave-service-worker',
    async writeBundle(_options, bundle) {
      const assets = keptAssets(bundle);
      const files = ['/', ...[...UNHASHED, ...assets.sort()].map((file) => `/${file}`)];
      const hash = createHash('sha256').update(files.join());
      for (const file of ['index.html', ...UNHASHED])
        hash.update(await readFile(join(outDir, file)));
      const release = hash.digest('hex').slice(0, 16);
      await buildAlone(SERVICE_WORKER, 'service-worker.js', {
        __RELEASE__: JSON.stringify({ release, files }),
      });
    },
  };
}

/** What is reached from the documents' scripts without the pages that are left out; those need the network anyway. */
function keptAssets(bundle: Rolldown.OutputBundle): string[] {
  const kept = new Set<string>();
  const keep = (name: string): void => {
    const file = bundle[name];
    if (file === undefined || kept.has(name)) return;
    if (file.type === 'chunk' && NOT_KEPT.includes(file.name)) return;
    kept.add(name);
    for (const next of leadsTo(name, file, bundle)) keep(next);
  };
  const files = Object.values(bundle);
  for (const file of files) if (file.type === 'chunk' && file.isEntry) keep(file.fileName);
  return [...kept].filter((file) => file.startsWith('assets/'));
}

function leadsTo(
  name: string,
  file: Rolldown.OutputAsset | Rolldown.OutputChunk,
  bundle: Rolldown.OutputBundle,
): string[] {
  if (file.type === 'asset') return /\.js$/.test(name) ? named(String(file.source), bundle) : [];
  const { importedCss = [], importedAssets = [] } = file.viteMetadata ?? {};
  // Scripts that are no chunks are workers and what they load, which only their texts name.
  const workers = named(file.code, bundle).filter((it) => /\.js$/.test(it));
  return [...file.imports, ...file.dynamicImports, ...importedCss, ...importedAssets, ...workers];
}

/** The assets, chunks not among them, that a script's text names. */
const named = (text: string, bundle: Rolldown.OutputBundle): string[] =>
  Object.values(bundle)
    .filter(({ type, fileName }) => type === 'asset' && text.includes(basename(fileName)))
    .map(({ fileName }) => fileName);

/** The texts of one kernel are one file (web/gallery/sources.ts). */
const TEXTS_OF_KERNEL = /\/kernels\/(\w+)\/[^/]+\?raw$/;

/**
 * What every page parses with is one file: kernels, which have `zod/mini`, would split it, for 3 kB more of every first load.
 */
const FULL_ZOD = /\/node_modules\/zod\/v4\/(core|classic|locales)\//;

const COMPRESSED_TYPES = new Set([
  '.html',
  '.js',
  '.mjs',
  '.css',
  '.svg',
  '.json',
  '.wasm',
  '.txt',
]);
/** Below this a compressed twin saves less than its header. */
const MIN_COMPRESSED_BYTES = 1024;

/**
 * Writes `.br` and `.gz` beside every text and WASM file. Brotli 5 takes ORT's 58 MB to a fifth in some 3 s of
 * CPU, where 11 takes minutes.
 */
function precompressed(): Plugin {
  return {
    name: 'idlewave-precompressed',
    // Not for a page that only this machine opens (`npm run demo`, the tests).
    apply: (_config, { command, mode }) => command === 'build' && mode !== 'checkout',
    enforce: 'post',
    async closeBundle() {
      const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile() && COMPRESSED_TYPES.has(extname(entry.name)))
        .map((entry) => join(entry.parentPath, entry.name));
      await Promise.all(files.map(compressFile));
    },
  };
}

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

async function compressFile(file: string): Promise<void> {
  const { size } = await stat(file);
  if (size < MIN_COMPRESSED_BYTES) return;
  const large = size > 1024 * 1024;
  const bytes = await readFile(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: large ? 5 : 9,
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
  };
  const [br, gz] = await Promise.all([
    brotli(bytes, { params }),
    gzipped(bytes, { level: large ? 1 : 9 }),
  ]);
  await writeFile(`${file}.br`, br);
  await writeFile(`${file}.gz`, gz);
}

export default defineConfig({
  root,
  define: {
    __IDLEWAVE_VERSION__: JSON.stringify(packageJson.version),
    __ORT_VERSION__: JSON.stringify(ORT_VERSION),
  },
  plugins: [
    svelte({ configFile: false }),
    ortFiles(),
    widgetLoader(),
    serviceWorker(),
    precompressed(),
  ],
  resolve: {
    // ORT without its WASM glue inlined: the glue and the binary come from /ort/VERSION/, once.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { site: join(root, 'index.html'), widget: join(root, 'widget/index.html') },
      output: {
        codeSplitting: {
          groups: [
            { test: FULL_ZOD, name: 'zod' },
            {
              test: TEXTS_OF_KERNEL,
              name: (id) => `kernelTexts-${TEXTS_OF_KERNEL.exec(id)?.[1]}`,
            },
          ],
        },
      },
    },
  },
  server: {
    ...(devTarget === undefined
      ? {}
      : { proxy: { '/v1': { target: devTarget, ws: true, changeOrigin: false } } }),
  },
});
