/** The kernels of the catalogue as the gallery lists them. */
import { CATALOGUE } from '../../kernels/catalog.ts';
import { kernelId, type KernelManifest } from '../../kernels/manifest.ts';

export interface GalleryKernel {
  readonly name: string;
  /** `name@version` */
  readonly id: string;
  readonly manifest: KernelManifest;
  /** The first sentence of the explanation, or what is whole of it. */
  readonly line: string;
}

/** A few words are a heading, and no sentence yet; brackets stay whole. */
const firstSentence = (text: string): string =>
  /^(?:[^()]|\([^()]*\)){24,}?[.:;](?=\s|$)/s.exec(text)?.[0] ?? text;

/** One a name, of its newest version, in the catalogue's order. */
export const GALLERY_KERNELS: readonly GalleryKernel[] = CATALOGUE.filter(
  ({ manifest }) =>
    !CATALOGUE.some(
      ({ manifest: other }) => other.name === manifest.name && other.version > manifest.version,
    ),
).map(({ manifest }) => ({
  name: manifest.name,
  id: kernelId(manifest),
  manifest,
  line: firstSentence(manifest.explanation).replace(/[:;]$/, '.'),
}));
