/**
 * Memory on a device, which one array shows, or several by `reshape`. Given back once, when it was destroyed and no call
 * uses it any more.
 */
export class Allocation {
  readonly device: GPUDevice;
  readonly buffer: GPUBuffer;
  /** Ends with the call that fills it. Rejects where that, or one whose outputs it took, has failed. */
  filled: Promise<unknown> = Promise.resolve();
  #giveBack: (() => void) | undefined;
  #users = 0;
  #isDestroyed = false;

  constructor(device: GPUDevice, buffer: GPUBuffer, giveBack: () => void) {
    this.device = device;
    this.buffer = buffer;
    this.#giveBack = giveBack;
  }

  get isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#giveBackIfUnused();
  }

  /** Until `unuse` it is not given back, though it be destroyed. */
  use(): void {
    this.#users += 1;
  }

  unuse(): void {
    this.#users -= 1;
    this.#giveBackIfUnused();
  }

  #giveBackIfUnused(): void {
    if (!this.#isDestroyed || this.#users > 0) return;
    this.#giveBack?.();
    this.#giveBack = undefined;
  }
}
