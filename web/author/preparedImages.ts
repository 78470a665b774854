/**
 * Files of pictures as one stacked input, prepared in a worker, in the order of their names.
 *
 * As `idlewave submit --images` does it: the same files give the same bytes.
 */
import { fileProblem, type FileProblem } from '../../sdk/inputs/fileProblem.ts';
import { rowBytesOf } from '../../sdk/inputs/images/imageTensor.ts';
import type { Chosen } from '../../sdk/inputs/images/preprocessing.ts';
import { MAX_BLOB_BYTES, MAX_IMAGES } from '../../shared/limits.ts';
import { ok, type Result } from '../../shared/result.ts';
import type { Tensor } from '../../shared/tensor.ts';
import { formatBytes } from '../../shared/units.ts';
import type { PreparedImage, PrepareImage } from './imageMessages.ts';

export interface PreparedImages {
  readonly files: readonly File[];
  readonly chosen: Chosen;
  /** Row i was made of this file. */
  readonly names: readonly string[];
  /** The first rows as they look. */
  readonly seen: readonly ImageBitmap[];
  /** What could not be used. */
  readonly leftOut: readonly FileProblem[];
}

export interface PrepareOptions {
  readonly onImage: (done: number) => void;
  readonly signal: AbortSignal;
}

/** Pictures that are kept to be shown. */
const MAX_SEEN = 240;
/** Under way at once. */
const AHEAD = 4;

/** Rejects with the signal's reason. */
export async function prepareImages(
  files: readonly File[],
  chosen: Chosen,
  { onImage, signal }: PrepareOptions,
): Promise<Result<{ readonly tensor: Tensor; readonly images: PreparedImages }, FileProblem>> {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  const { preprocessing, itemShape } = chosen;
  const rowBytes = rowBytesOf(preprocessing);
  const most = Math.min(MAX_IMAGES, Math.floor(MAX_BLOB_BYTES / rowBytes));
  if (sorted.length > most) {
    const came = `${sorted.length}, ${formatBytes(sorted.length * rowBytes)} as the model takes them`;
    const expected = `at most ${most} images`;
    return fileProblem(sorted[0]!.name, expected, came, 'post them as several jobs');
  }
  const rows = new Uint8Array(sorted.length * rowBytes);
  const names: string[] = [];
  const seen: ImageBitmap[] = [];
  const leftOut: FileProblem[] = [];
  let done = 0;
  for await (const answer of answers(sorted, preprocessing, signal)) {
    if ('problem' in answer) leftOut.push(answer.problem);
    else {
      rows.set(answer.row, names.length * rowBytes);
      names.push(sorted[done]!.name);
      if (answer.seen !== null) seen.push(answer.seen);
    }
    onImage((done += 1));
  }
  if (names.length === 0) {
    const [first] = leftOut;
    const { file, expected, came, fix } = first!;
    return fileProblem(file, expected, came, fix);
  }
  const { dtype } = preprocessing;
  const bytes = rows.subarray(0, names.length * rowBytes);
  const tensor: Tensor = { dtype, dims: [names.length, ...itemShape], bytes };
  return ok({ tensor, images: { files, chosen, names, seen, leftOut } });
}

/** Of a worker that lives as long as it is asked. */
async function* answers(
  files: readonly File[],
  how: PrepareImage['how'],
  signal: AbortSignal,
): AsyncGenerator<PreparedImage> {
  const worker = new Worker(new URL('./imageWorker.ts', import.meta.url), { type: 'module' });
  const came: PreparedImage[] = [];
  let wake = (): void => undefined;
  const broken: string[] = [];
  worker.onmessage = ({ data }: MessageEvent<PreparedImage>) => {
    came.push(data);
    wake();
  };
  worker.onerror = ({ message }) => {
    broken.push(message);
    wake();
  };
  const abort = (): void => wake();
  signal.addEventListener('abort', abort);
  try {
    let asked = 0;
    for (let told = 0; told < files.length; told++) {
      for (; asked < Math.min(files.length, told + AHEAD); asked++) {
        const request: PrepareImage = { file: files[asked]!, how, shown: asked < MAX_SEEN };
        worker.postMessage(request);
      }
      while (came.length === 0) {
        signal.throwIfAborted();
        if (broken.length > 0) throw new Error(`the pictures could not be read: ${broken[0]}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
      yield came.shift()!;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    worker.terminate();
  }
}
