/**
 * A picture of one computed item: what it is of, its words, and how it is drawn. Types only.
 *
 * A recipe draws what its program is known to mean, and nothing else: where shapes or values leave a doubt it makes no
 * picture.
 */
import type { WorkSample } from '../../state/workSamples.ts';

/** The page's own colours, as CSS has them. */
export interface Palette {
  readonly accent: string;
  readonly ink: string;
  readonly soft: string;
  readonly ground: string;
}

/** What is said of a picture; its words are chosen by the dictionary. */
export type Caption =
  | { readonly kind: 'digit'; readonly digit: number }
  | { readonly kind: 'class'; readonly output: number; readonly of: number }
  | { readonly kind: 'faces'; readonly count: number }
  | {
      readonly kind: 'volume';
      readonly dimensions: number;
      readonly estimate: number;
      readonly exact: number;
    }
  | { readonly kind: 'bodies'; readonly bodies: number; readonly steps: number };

export type Pen = Pick<
  CanvasRenderingContext2D,
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'globalAlpha'
  | 'fillRect'
  | 'strokeRect'
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'arc'
  | 'fill'
  | 'stroke'
>;

export interface Picture {
  readonly caption: Caption;
  /** Pixels that lie under everything else, stretched over its width; null where there are none. */
  readonly pixels: Pixels | null;
  /** Of the height, how much they cover from the top; all of it where absent. */
  readonly pixelsShare?: number;
  /** Width by height. */
  readonly aspect: number;
  draw(pen: Pen, width: number, height: number, palette: Palette): void;
}

/** RGBA, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Null where it is not of this kind. */
export type Recipe = (sample: WorkSample) => Picture | null;
