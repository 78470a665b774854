/**
 * What may go wrong on a GPU, as values; and the one error that carries them out of an `ItemRunner`.
 */

export type GpuFailure =
  | { readonly kind: 'device-lost'; readonly reason: GPUDeviceLostReason; readonly message: string }
  | { readonly kind: 'out-of-memory'; readonly expectedBytes: number; readonly message: string }
  /** One item does not fit this device's limits, however few run at once. */
  | {
      readonly kind: 'too-large';
      readonly limit: string;
      readonly max: number;
      readonly came: number;
    }
  /** The driver refused the module or the pipeline. */
  | { readonly kind: 'compile'; readonly entryPoint: string; readonly message: string };

export class GpuRunError extends Error {
  override name = 'GpuRunError';
  readonly failure: GpuFailure;

  constructor(failure: GpuFailure) {
    super(describeFailure(failure));
    this.failure = failure;
  }
}

export function describeFailure(failure: GpuFailure): string {
  switch (failure.kind) {
    case 'device-lost':
      return `the GPU was lost (${failure.reason}): ${failure.message}`;
    case 'out-of-memory':
      return `the GPU has no room for ${failure.expectedBytes} bytes: ${failure.message}`;
    case 'too-large':
      return `an item needs ${failure.came}, this GPU's ${failure.limit} is ${failure.max}`;
    case 'compile':
      return `the GPU's driver refused "${failure.entryPoint}": ${failure.message}`;
    default:
      return failure satisfies never;
  }
}
