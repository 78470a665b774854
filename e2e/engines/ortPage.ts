/**
 * onnxruntime-web in a Chromium page of its own, on the engine that is asked for: the build that volunteers load,
 * over the same items as elsewhere, with its raw outputs back.
 *
 * Not the product's page: there an engine is chosen by its speed, and WebGPU in software is never chosen. Invariant:
 * what is said to have run on WebGPU has submitted work to the GPU.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Page, Route } from '@playwright/test';
import { assert } from '../../shared/result.ts';
import { itemOf, tensorOf, type NamedTensors, type Tensor } from '../../shared/tensor.ts';
import { stack } from '../../sdk/acceptance/testing/directRun.ts';

export type PageEngine = 'webgpu' | 'wasm';

/** A secure context without a server: every request is answered here. */
const ORIGIN = 'http://localhost';
const ORT = dirname(
  createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'),
);
/** A script of its own loads it: an import written in this file would be rewritten by whatever bundles it. */
const PAGE = `<!doctype html><script type="module">
  import * as ort from '/ort.jspi.min.mjs';
  globalThis.ort = ort;
</script>`;
const TYPES: Readonly<Record<string, string>> = {
  mjs: 'text/javascript',
  wasm: 'application/wasm',
};

/** Runs models one after the other; ORT is loaded once for all. */
export class OrtPage {
  readonly #page: Page;
  #blobs = new Map<string, Uint8Array>();

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(page: Page): Promise<OrtPage> {
    const ours = new OrtPage(page);
    await page.route(`${ORIGIN}/**`, (route) => ours.#answer(route));
    await page.goto(ORIGIN);
    return ours;
  }

  /** The GPU adapter of the page in words; null where it has none. */
  adapter(): Promise<string | null> {
    return this.#page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter();
      if (adapter === null || adapter === undefined) return null;
      const { vendor, architecture, description } = adapter.info;
      return [vendor, architecture, description].filter((word) => word !== '').join(' ');
    });
  }

  /** The f32 outputs of every item, stacked `[N, ...dims of one run]`; one run an item. */
  async run(
    model: Uint8Array,
    name: string,
    stacked: Tensor,
    dims: readonly number[],
    engine: PageEngine,
  ): Promise<NamedTensors> {
    const count = stacked.dims[0]!;
    this.#blobs = new Map([['model', model]]);
    for (let item = 0; item < count; item++) {
      this.#blobs.set(`input${item}`, itemOf(stacked, item).bytes);
    }
    const asked = { name, count, dims: [...dims], engine };
    const outcome = await this.#page.evaluate(runInPage, asked);
    assert(
      engine === 'wasm' || outcome.submits > 0,
      'OrtPage: nothing was submitted to the GPU: it did not run on WebGPU',
    );
    const runs = outcome.runs.map((outputs) =>
      Object.fromEntries(
        Object.entries(outputs).map(([output, { dims: shape, base64 }]) => {
          const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
          return [output, tensorOf('F32', shape, new Float32Array(bytes.buffer))];
        }),
      ),
    );
    return Object.fromEntries(
      Object.keys(runs[0]!).map((output) => [output, stack(runs.map((run) => run[output]!))]),
    );
  }

  async #answer(route: Route): Promise<void> {
    const path = new URL(route.request().url()).pathname.slice(1);
    const blob = this.#blobs.get(path);
    if (path === '') await route.fulfill({ contentType: 'text/html', body: PAGE });
    else if (blob !== undefined) await route.fulfill({ body: Buffer.from(blob) });
    else if (/^ort[\w.-]*\.(mjs|wasm)$/.test(path)) {
      const contentType = TYPES[path.split('.').at(-1)!]!;
      await route.fulfill({ contentType, body: await readFile(join(ORT, path)) });
    } else await route.fulfill({ status: 404 });
  }
}

interface Asked {
  readonly name: string;
  readonly count: number;
  readonly dims: number[];
  readonly engine: PageEngine;
}

interface PageOutcome {
  /** Command buffers given to the GPU meanwhile. */
  readonly submits: number;
  readonly runs: Record<string, { dims: number[]; base64: string }>[];
}

/** Runs in the page. */
async function runInPage({ name, count, dims, engine }: Asked): Promise<PageOutcome> {
  const load = (path: string) => fetch(path).then((response) => response.arrayBuffer());
  const { ort } = globalThis as unknown as { ort: typeof import('onnxruntime-web') };
  ort.env.wasm.wasmPaths = '/';
  ort.env.wasm.numThreads = 1;
  let submits = 0;
  const submit = GPUQueue.prototype.submit;
  GPUQueue.prototype.submit = function (commands) {
    submits += 1;
    return submit.call(this, commands);
  };
  const session = await ort.InferenceSession.create(await load('/model'), {
    executionProviders: [engine],
    logSeverityLevel: 3,
  });
  const runs: PageOutcome['runs'] = [];
  try {
    for (let item = 0; item < count; item++) {
      const values = new Float32Array(await load(`/input${item}`));
      const outputs = await session.run({ [name]: new ort.Tensor('float32', values, dims) });
      const taken: PageOutcome['runs'][number] = {};
      for (const [output, tensor] of Object.entries(outputs)) {
        const data = tensor.data as Float32Array;
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        let text = '';
        for (let at = 0; at < bytes.length; at += 8192) {
          text += String.fromCharCode(...bytes.subarray(at, at + 8192));
        }
        taken[output] = { dims: [...tensor.dims], base64: btoa(text) };
      }
      runs.push(taken);
    }
  } finally {
    await session.release();
    GPUQueue.prototype.submit = submit;
  }
  return { submits, runs };
}
