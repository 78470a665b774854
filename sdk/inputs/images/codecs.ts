/**
 * The codecs that turn image files into pixels: Squoosh's builds of mozjpeg, image-png, libwebp and resize, all
 * WebAssembly.
 *
 * One pinned build on every machine: the same file gives the same pixels, bit for bit, wherever it is decoded. A
 * codec is loaded when the first image needs it. One decode at a time: callers await each.
 */
import { assert, messageOf } from '../../../shared/result.ts';

/** Pixels as they are decoded, `[height, width, 4]`: red, green, blue, alpha. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export const IMAGE_TYPES = ['jpg', 'png', 'webp'] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

/** How many pixels are made of many or few: the filters of the resize codec, by its names. */
export const RESIZE_FILTERS = ['triangle', 'catrom', 'mitchell', 'lanczos3'] as const;
export type ResizeFilter = (typeof RESIZE_FILTERS)[number];

export type Decoded = { readonly pixels: Rgba } | { readonly damage: string };

/** The codecs make their results with the browser's class, which Node does not have. */
class NodeImageData implements Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  constructor(data: Uint8ClampedArray<ArrayBuffer>, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

const provideImageData = (): void =>
  void ((globalThis as { ImageData?: unknown }).ImageData ??= NodeImageData);

type Decode = (file: ArrayBuffer) => Promise<Decoded>;

/** Damage that a codec speaks of but works around: the rest of such a picture is grey. */
let complaints: string[] = [];
const printErr = (text: string): void => void complaints.push(text);

const loaders: Readonly<Record<ImageType, () => Promise<Decode>>> = {
  async jpg() {
    const { default: decode, init } = await import('@jsquash/jpeg/decode.js');
    const wasmBinary = await wasmOf('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
    await init({ wasmBinary, printErr } as Parameters<typeof init>[0]);
    return guarded((file) => decode(file));
  },
  async png() {
    const { default: decode, init } = await import('@jsquash/png/decode.js');
    await init(await wasmOf('@jsquash/png/codec/pkg/squoosh_png_bg.wasm'));
    return guarded((file) => decode(file));
  },
  async webp() {
    const { default: decode, init } = await import('@jsquash/webp/decode.js');
    const wasmBinary = await wasmOf('@jsquash/webp/codec/dec/webp_dec.wasm');
    await init({ wasmBinary, printErr } as Parameters<typeof init>[0]);
    return guarded((file) => decode(file));
  },
};

const loaded = new Map<ImageType, Promise<Decode>>();

/** The file's pixels as they are stored, before any rotation; or what is wrong with it. */
export async function decodePixels(type: ImageType, file: Uint8Array): Promise<Decoded> {
  provideImageData();
  let decode = loaded.get(type);
  if (decode === undefined) loaded.set(type, (decode = loaders[type]()));
  return (await decode)(new Uint8Array(file).buffer);
}

let resizer: Promise<typeof import('@jsquash/resize').default> | undefined;

/** The whole picture, `width` by `height`, whatever its proportions become. */
export async function resizePixels(
  from: Rgba,
  width: number,
  height: number,
  method: ResizeFilter,
): Promise<Rgba> {
  provideImageData();
  resizer ??= (async () => {
    const { default: resize, initResize } = await import('@jsquash/resize');
    const path = '@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm';
    await initResize(await wasmOf(path));
    return resize;
  })();
  const resize = await resizer;
  // Opaque by then, so premultiplied or not is the same; in the values of the file, as other tools resize.
  const how = { fitMethod: 'stretch', premultiply: false, linearRGB: false } as const;
  return (await resize(from as Parameters<typeof resize>[0], {
    width,
    height,
    method,
    ...how,
  })) as Rgba;
}

const guarded =
  (decode: (file: ArrayBuffer) => Promise<unknown>): Decode =>
  async (file) => {
    complaints = [];
    try {
      const pixels = (await decode(file)) as Rgba;
      const [damage] = complaints;
      return damage === undefined ? { pixels } : { damage };
    } catch (thrown) {
      // A codec that gives up says why on its error stream, if anywhere; what it throws is about itself.
      return { damage: complaints[0] ?? `its decoder gave up (${messageOf(thrown, 100)})` };
    }
  };

/** Gives a codec's WASM by its name in the codec's package: from the disk, or from the site. */
export type CodecFiles = (path: string) => Promise<ArrayBuffer>;

let files: CodecFiles | null = null;

/** To be called once, before the first image. */
export const takeCodecsFrom = (source: CodecFiles): void => void (files = source);

function wasmOf(path: string): Promise<ArrayBuffer> {
  assert(files !== null, 'takeCodecsFrom() comes before the first image');
  return files(path);
}
