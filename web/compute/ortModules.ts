/**
 * The onnxruntime-web builds of a browser, loaded when first needed and kept.
 *
 * The WASM files are our own (`/ort/VERSION/`, copied by Vite): nothing comes from a CDN. Invariant: a build is imported
 * once; an import that failed (the network was away) is tried again the next time.
 */
import type { OrtModule } from '../../shared/onnx/ortSession.ts';

/** Where Vite puts `ort-wasm-simd-threaded.*`; see vite.config.ts. */
const ORT_FILES_URL = `/ort/${__ORT_VERSION__}/`;

interface StartableOrt extends OrtModule {
  readonly env: { readonly wasm: { wasmPaths?: unknown; numThreads?: number } };
}

let webGpuBuild: Promise<OrtModule> | undefined;
let wasmBuild: Promise<OrtModule> | undefined;

/**
 * The native WebGPU build; it also has the WASM provider. JSPI's is smaller and faster where the browser
 * has it (16.8 MB against 26.8 MB).
 */
export function webGpuOrt(): Promise<OrtModule> {
  const hasJspi = 'Suspending' in WebAssembly;
  webGpuBuild ??= (
    hasJspi ? import('onnxruntime-web/jspi') : import('onnxruntime-web/webgpu')
  ).then(configured, (thrown: unknown) => {
    webGpuBuild = undefined;
    throw thrown;
  });
  return webGpuBuild;
}

export function wasmOrt(): Promise<OrtModule> {
  wasmBuild ??= import('onnxruntime-web/wasm').then(configured, (thrown: unknown) => {
    wasmBuild = undefined;
    throw thrown;
  });
  return wasmBuild;
}

function configured(ort: StartableOrt): OrtModule {
  ort.env.wasm.wasmPaths = new URL(ORT_FILES_URL, globalThis.location.href).href;
  // Threads need SharedArrayBuffer; with two cores they gave nothing (reference: performance, 4.4).
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated
    ? Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2)))
    : 1;
  return ort;
}
