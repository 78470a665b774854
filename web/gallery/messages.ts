/** What the gallery's page and its worker say to each other. Types only. */
import type { PresetSize } from '../../kernels/example.ts';
import type { DeviceRoof } from '../../kernels/roofline/deviceRoof.ts';
import type { KernelFamily } from '../../kernels/variants.ts';
import type { Comparison } from '../../shared/acceptance.ts';
import type { GalleryPicture } from './pictures.ts';

export interface GalleryRequest {
  /** `name@version` */
  readonly kernel: string;
  /** As its schema gave them. */
  readonly params: unknown;
  readonly items: number;
  /** Whose inputs are taken, whatever the parameters. */
  readonly preset: PresetSize;
}

export interface VariantTiming {
  readonly name: string;
  readonly family: KernelFamily;
  /** Of the device alone, without upload and read-back. */
  readonly msPerItem: number;
}

/** One after the other, as they are found out; the last is `done` or `failed`. */
export type GalleryEvent =
  | { readonly kind: 'device'; readonly name: string; readonly isSoftware: boolean }
  /** Only the reference runs. */
  | { readonly kind: 'no-gpu'; readonly reason: string }
  /** So many of the kernel's ways were begun. */
  | { readonly kind: 'trying'; readonly begun: number; readonly ways: number }
  | {
      readonly kind: 'timed';
      /** Of one run, the preset's or more: a fast device is given enough to do. */
      readonly items: number;
      /** From inputs in the page's memory to outputs there. */
      readonly runMs: number;
      /** Fastest first; never empty. */
      readonly variants: readonly VariantTiming[];
      /** What the fastest was compiled from. */
      readonly wgsl: string;
    }
  | { readonly kind: 'pictures'; readonly pictures: readonly GalleryPicture[] }
  | { readonly kind: 'reference'; readonly items: number; readonly msPerItem: number }
  | { readonly kind: 'check'; readonly items: number; readonly comparison: Comparison }
  | { readonly kind: 'roof'; readonly roof: DeviceRoof }
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly reason: 'device-lost' | 'out-of-memory' | 'refused' | 'broken' | 'silent';
      /** In English, of a browser or a driver. */
      readonly message: string;
    };
