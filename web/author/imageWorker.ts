/** Decodes and fits pictures beside the page, by the same codecs and arithmetic as the command line: the same bytes. */
import type { Rgba } from '../../sdk/inputs/images/codecs.ts';
import { decodeImage } from '../../sdk/inputs/images/decodeImage.ts';
import { fitImage } from '../../sdk/inputs/images/fitImage.ts';
import { pixelValues } from '../../sdk/inputs/images/imageTensor.ts';
import { MAX_IMAGE_FILE_BYTES } from '../../shared/limits.ts';
import { messageOf } from '../../shared/result.ts';
import { formatBytes } from '../../shared/units.ts';
import './browserCodecs.ts';
import type { PreparedImage, PrepareImage } from './imageMessages.ts';

/** The longer side of what is shown. */
const SEEN_PIXELS = 160;

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
/** A codec decodes one picture at a time. */
let last: Promise<unknown> = Promise.resolve();

scope.onmessage = ({ data }: MessageEvent<PrepareImage>) => {
  last = last.then(async () => {
    const answer = await prepared(data);
    if ('problem' in answer) return scope.postMessage(answer);
    const { row, seen } = answer;
    scope.postMessage(answer, seen === null ? [row.buffer] : [row.buffer, seen]);
  });
};

async function prepared({ file, how, shown }: PrepareImage): Promise<PreparedImage> {
  const refused = (expected: string, came: string, fix: string): PreparedImage => ({
    problem: { kind: 'file-problem', file: file.name, expected, came, fix },
  });
  try {
    if (file.size > MAX_IMAGE_FILE_BYTES) {
      const most = `at most ${formatBytes(MAX_IMAGE_FILE_BYTES)}`;
      return refused(most, formatBytes(file.size), 'make it smaller first');
    }
    const picture = await decodeImage(new Uint8Array(await file.arrayBuffer()), file.name);
    if (!picture.ok) return { problem: picture.error };
    const fitted = await fitImage(picture.value, how);
    const seen = shown ? await shrunk(fitted) : null;
    return { row: new Uint8Array(pixelValues(fitted, how)), seen };
  } catch (thrown) {
    return refused('a file that can be read', messageOf(thrown, 200), 'choose it again');
  }
}

function shrunk({ width, height, data }: Rgba): Promise<ImageBitmap> {
  const share = Math.min(1, SEEN_PIXELS / Math.max(width, height));
  return createImageBitmap(new ImageData(data, width, height), {
    resizeWidth: Math.max(1, Math.round(width * share)),
    resizeHeight: Math.max(1, Math.round(height * share)),
  });
}
