/**
 * An image file's bytes as a picture that is upright, or what is wrong with the file.
 *
 * What it is follows from its bytes, not from its name. Its extents are read from its header and bounded before any
 * memory is taken for pixels.
 */
import ExifReader from 'exifreader';
import { imageSize } from 'image-size';
import { MAX_IMAGE_PIXELS } from '../../../shared/limits.ts';
import { ok, type Result } from '../../../shared/result.ts';
import { fileProblem, type FileProblem } from '../fileProblem.ts';
import { IMAGE_TYPES, decodePixels, type Rgba } from './codecs.ts';
import { orient } from './orient.ts';

const KINDS = 'a PNG, JPEG or WebP image';
const DAMAGED = 'the image is damaged or was cut short: copy or save it again';

export async function decodeImage(
  file: Uint8Array,
  path: string,
): Promise<Result<Rgba, FileProblem>> {
  const head = headOf(file);
  if (head === null) {
    const fix = 'convert it, or leave it out; --bad-images skip goes on without it';
    return fileProblem(path, KINDS, 'something else', fix);
  }
  const type = IMAGE_TYPES.find((one) => one === head.type);
  if (type === undefined) {
    return fileProblem(path, KINDS, head.type ?? 'something else', 'convert it to one of them');
  }
  const { width, height } = head;
  if (!(width > 0 && height > 0)) {
    return fileProblem(path, 'an image with pixels', `${width} x ${height}`, DAMAGED);
  }
  if (width * height > MAX_IMAGE_PIXELS) {
    const expected = `at most ${MAX_IMAGE_PIXELS} pixels`;
    return fileProblem(path, expected, `${width} x ${height}`, 'make it smaller first');
  }
  const decoded = await decodePixels(type, file);
  if ('damage' in decoded) {
    return fileProblem(path, `a whole ${type.toUpperCase()} image`, decoded.damage, DAMAGED);
  }
  return ok(orient(decoded.pixels, orientationOf(file)));
}

function headOf(file: Uint8Array): { type?: string; width: number; height: number } | null {
  try {
    return imageSize(file);
  } catch {
    return null;
  }
}

/** 1 where the file says nothing, or nothing that can be read: metadata is no reason to refuse a picture. */
function orientationOf(file: Uint8Array): number {
  try {
    const bytes = new Uint8Array(file).buffer;
    const value = ExifReader.load(bytes, { includeTags: { exif: ['Orientation'] } }).Orientation
      ?.value;
    return typeof value === 'number' ? value : 1;
  } catch {
    return 1;
  }
}
