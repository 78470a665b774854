/** What a page and the worker that prepares its pictures say to each other. Types only. */
import type { FileProblem } from '../../sdk/inputs/fileProblem.ts';
import type { Preprocessing } from '../../sdk/inputs/images/preprocessing.ts';

export interface PrepareImage {
  readonly file: File;
  readonly how: Preprocessing;
  /** Whether somebody is to see it. */
  readonly shown: boolean;
}

/** One answer to each request, in their order. */
export type PreparedImage =
  | {
      /** What the model is given of it: one item's bytes. */
      readonly row: Uint8Array<ArrayBuffer>;
      /** The picture as it was fitted, small; null where it is not to be shown. */
      readonly seen: ImageBitmap | null;
    }
  | { readonly problem: FileProblem };
