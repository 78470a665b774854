/** Pictures of what a kernel computed, where its folder has a `picture.ts`; loaded when the first is made. */
import type { ItemOutputs, Picture, PictureMaker } from '../../kernels/picture.ts';

export interface GalleryPicture extends Picture {
  /** The index of the item that it shows; null where it shows all together. */
  readonly item: number | null;
}

const MAKERS = import.meta.glob<PictureMaker>('../../kernels/*/picture.ts');
const MOST_PICTURES = 4;

/** Of the first items, or of all where they are parts of one picture. None where the kernel makes none. */
export async function picturesOf(
  kernel: string,
  params: unknown,
  items: readonly ItemOutputs[],
): Promise<readonly GalleryPicture[]> {
  const maker = await MAKERS[`../../kernels/${kernel}/picture.ts`]?.();
  if (maker === undefined) return [];
  const whole = maker.wholePicture?.(params, items) ?? null;
  if (whole !== null) return [{ item: null, ...whole }];
  return items
    .slice(0, MOST_PICTURES)
    .map(({ item, outputs }) => ({ item, ...maker.pictureOf(params, outputs, item) }));
}
