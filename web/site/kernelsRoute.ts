/** What of the gallery an address shows: `#kernels`, `#kernels/matmul`, `#kernels/matmul/reference.ts`. */
export interface KernelsRoute {
  /** Null for the list; a kernel's name else, or another folder of kernels that has texts. */
  readonly folder: string | null;
  readonly file: string | null;
}

const FORM = /^#kernels(?:\/(\w{1,64})(?:\/([\w.-]{1,128}))?)?$/;

/** Null where the address is of another page, or is none. */
export function kernelsRoute(hash: string): KernelsRoute | null {
  const match = FORM.exec(hash);
  return match === null ? null : { folder: match[1] ?? null, file: match[2] ?? null };
}

export const kernelsHash = (...parts: readonly string[]): string =>
  ['#kernels', ...parts].join('/');
