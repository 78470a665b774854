/**
 * A page with code of ours and of others, bundled from the sources: a secure context without a server, every request is
 * answered here. ONNX Runtime's files come from its package.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build, defaultClientConditions } from 'vite';
import { assert } from '../shared/result.ts';

const ORIGIN = 'http://localhost';
const require = createRequire(import.meta.url);
const ORT = dirname(require.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));
const ORT_FILE = /^ort\/(?:[\d.]+\/)?(ort[\w.-]*\.(mjs|wasm))$/;
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
};
/** Scripts of their own: an import written in this file would be rewritten by whatever bundles it. */
const page = (ortBuild: string | null): string => `<!doctype html><script type="module">
  ${ortBuild === null ? '' : `globalThis.ort = await import('/ort/${ortBuild}');`}
  globalThis.bundle = await import('/bundle.js');
</script>`;

export interface BundledPage {
  /** TypeScript whose exports become `globalThis.bundle`. */
  readonly entry: URL;
  /** The build of ONNX Runtime that becomes `globalThis.ort`; null where the bundle loads its own. */
  readonly ortBuild: string | null;
  /** More files, by path. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
}

/** Resolves when the bundle has been loaded. */
export async function openBundledPage(
  opened: Page,
  { entry, ortBuild, files = new Map() }: BundledPage,
): Promise<void> {
  const script = await bundle(entry);
  await opened.route(`${ORIGIN}/**`, async (route) => {
    const path = new URL(route.request().url()).pathname.slice(1);
    const file = files.get(path);
    const ort = ORT_FILE.exec(path);
    if (path === '') await route.fulfill({ contentType: 'text/html', body: page(ortBuild) });
    else if (path === 'bundle.js') {
      await route.fulfill({ contentType: 'text/javascript', body: script });
    } else if (file !== undefined) {
      const contentType = TYPES[extname(path).slice(1)] ?? 'application/octet-stream';
      await route.fulfill({ contentType, body: Buffer.from(file) });
    } else if (ort !== null) {
      const contentType = TYPES[ort[2]!]!;
      await route.fulfill({ contentType, body: await readFile(join(ORT, ort[1]!)) });
    } else await route.fulfill({ status: 404 });
  });
  await opened.goto(ORIGIN);
  await opened.waitForFunction(() => 'bundle' in globalThis);
}

async function bundle(entry: URL): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { __ORT_VERSION__: JSON.stringify(versionOf('onnxruntime-web')) },
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: { entry: fileURLToPath(entry), formats: ['es'], fileName: 'bundle' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [output] = Array.isArray(built) ? built : [];
  const code = output?.output[0].code;
  assert(code !== undefined, `openBundledPage: ${entry.pathname} was not bundled`);
  return code;
}

/** Of an installed package, whose `package.json` need not be among its exports. */
export const versionOf = (name: string): string =>
  (require(join(MODULES, name, 'package.json')) as { version: string }).version;
