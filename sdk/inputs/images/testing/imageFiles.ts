/**
 * Image files for tests, made with the encoders that come with the codecs, and what cameras write into them.
 */
import { crc32 } from 'node:zlib';
import { decodePixels, type ImageType, type Rgba } from '../codecs.ts';
import { readCodecFile } from '../nodeCodecs.ts';

/** A picture by its pixels: `[red, green, blue]` or with alpha, at (x, y). */
export function picture(
  width: number,
  height: number,
  at: (x: number, y: number) => readonly number[],
): Rgba {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red = 0, green = 0, blue = 0, alpha = 255] = at(x, y);
      data.set([red, green, blue, alpha], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** A red quarter at the top left, green at its right, blue below, white opposite: every turn of it differs. */
export const quarters = (width: number, height: number): Rgba =>
  picture(width, height, (x, y) => {
    const isRight = x >= width / 2;
    if (y < height / 2) return isRight ? [0, 255, 0] : [255, 0, 0];
    return isRight ? [255, 255, 255] : [0, 0, 255];
  });

export async function encodeImage(type: ImageType, pixels: Rgba): Promise<Uint8Array> {
  // Loads what decoders and encoders share.
  await decodePixels(type, new Uint8Array(1));
  return new Uint8Array(await encoders[type](pixels));
}

/** The browser's class, which is more than what encoders read of it. */
type ImageDataOf<Encode extends (pixels: never, ...rest: never[]) => unknown> =
  Parameters<Encode>[0];

const encoders: Readonly<Record<ImageType, (pixels: Rgba) => Promise<ArrayBuffer>>> = {
  async jpg(pixels) {
    const { default: encode, init } = await import('@jsquash/jpeg/encode.js');
    const wasmBinary = await readCodecFile('@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm');
    await init({ wasmBinary } as Parameters<typeof init>[0]);
    return encode(pixels as ImageDataOf<typeof encode>, { quality: 95, chroma_subsample: 1 });
  },
  async png(pixels) {
    const { default: encode } = await import('@jsquash/png/encode.js');
    return encode(pixels as never);
  },
  async webp(pixels) {
    const { default: encode, init } = await import('@jsquash/webp/encode.js');
    const path = '@jsquash/webp/codec/enc/webp_enc_simd.wasm';
    await init({ wasmBinary: await readCodecFile(path) });
    return encode(pixels as ImageDataOf<typeof encode>, { lossless: 1 });
  },
};

/** The 26 bytes of a TIFF file that says nothing but how a picture is to be turned. */
function orientationTiff(orientation: number): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(1, 8);
  tiff.writeUInt16LE(0x0112, 10);
  tiff.writeUInt16LE(3, 12);
  tiff.writeUInt32LE(1, 14);
  tiff.writeUInt16LE(orientation, 18);
  return tiff;
}

/** The JPEG with an APP1 segment behind its first marker. */
export function turnedJpeg(jpeg: Uint8Array, orientation: number): Uint8Array {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), orientationTiff(orientation)]);
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** The PNG with an eXIf chunk behind its header. */
export function turnedPng(png: Uint8Array, orientation: number): Uint8Array {
  const body = Buffer.concat([Buffer.from('eXIf', 'latin1'), orientationTiff(orientation)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length - 4);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  const afterHeader = 8 + 25;
  return Buffer.concat([
    png.subarray(0, afterHeader),
    ...[length, body, sum],
    png.subarray(afterHeader),
  ]);
}
