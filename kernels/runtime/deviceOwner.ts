/**
 * Owns the one GPU device of a realm: acquires it, watches it, and gets a new one when it is lost. Not
 * what runs on it: whoever holds a `KernelDevice` over a lost device must make another.
 *
 * Invariant: `state` says all there is to know, and only `#become` changes it. A device is destroyed by
 * this owner alone.
 */
import { assert, fail, messageOf, ok, type Result } from '../../shared/result.ts';
import { describeAdapter, type AdapterDescription } from './adapterDescription.ts';

export type DeviceState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'acquiring'; readonly attempt: number }
  | {
      readonly kind: 'ready';
      readonly device: GPUDevice;
      readonly adapter: AdapterDescription;
      readonly sinceMs: number;
      /** Devices lost in a row before this one. */
      readonly attempt: number;
    }
  | {
      readonly kind: 'lost';
      readonly reason: GPUDeviceLostReason;
      readonly message: string;
      readonly attempt: number;
      readonly retryInMs: number;
    }
  /**
   * There is no GPU, or it was lost too often, or the browser gave no answer (`hangs`). `acquire` tries again, but for a GPU
   * that hangs: everybody would wait again.
   */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly hangs?: true }
  | { readonly kind: 'disposed' };

export type ReadyDevice = Extract<DeviceState, { kind: 'ready' }>;

export interface DeviceUnavailable {
  readonly kind: 'device-unavailable';
  readonly reason: string;
}

/** A crashed GPU process is back within 0.2 s; a driver reset takes seconds; then give up. */
export const REACQUIRE_DELAYS_MS: readonly number[] = [200, 1_000, 5_000, 30_000];
/** A GPU process that hangs answers nothing at all. A slow one takes seconds; what comes later is destroyed. */
const ACQUIRE_DEADLINE_MS = 30_000;
/** A device that lived this long counts as sound: its loss starts the delays anew. */
const SOUND_AFTER_MS = 60_000;

const WANTED_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];
/** ONNX Runtime asks for these when it makes its own device; a shared one must not offer less. */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxStorageBuffersPerShaderStage',
] as const;

type Made = Result<{ readonly device: GPUDevice; readonly adapter: AdapterDescription }, string>;

export interface DeviceOwnerOptions {
  /** `navigator.gpu`; undefined where the browser has no WebGPU. */
  readonly gpu: GPU | undefined;
  readonly powerPreference?: GPUPowerPreference;
  readonly now?: () => number;
  readonly delay?: (durationMs: number) => Promise<void>;
  /** Calls after so long, unless what it returns was called before; a timer where absent. */
  readonly after?: (durationMs: number, call: () => void) => () => void;
}

function timerAfter(durationMs: number, call: () => void): () => void {
  const timer = setTimeout(call, durationMs);
  return () => clearTimeout(timer);
}

export class DeviceOwner {
  readonly #gpu: GPU | undefined;
  readonly #powerPreference: GPUPowerPreference | undefined;
  readonly #now: () => number;
  readonly #delay: (durationMs: number) => Promise<void>;
  readonly #after: NonNullable<DeviceOwnerOptions['after']>;
  readonly #listeners = new Set<(state: DeviceState) => void>();
  #state: DeviceState = { kind: 'idle' };

  constructor(options: DeviceOwnerOptions) {
    this.#gpu = options.gpu;
    this.#powerPreference = options.powerPreference;
    this.#now = options.now ?? (() => performance.now());
    this.#delay =
      options.delay ?? ((durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)));
    this.#after = options.after ?? timerAfter;
  }

  get state(): DeviceState {
    return this.#state;
  }

  /** Calls back after every change of state, until the returned function is called. */
  subscribe(listener: (state: DeviceState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The device: at once when ready, otherwise when it has been acquired or given up. */
  acquire(): Promise<Result<ReadyDevice, DeviceUnavailable>> {
    const settled = new Promise<Result<ReadyDevice, DeviceUnavailable>>((resolve) => {
      const check = (state: DeviceState) => {
        const outcome = outcomeOf(state);
        if (outcome === undefined) return;
        unsubscribe();
        resolve(outcome);
      };
      const unsubscribe = this.subscribe(check);
      const state = this.#state;
      const mayTry = state.kind === 'idle' || (state.kind === 'unavailable' && !state.hangs);
      if (mayTry) void this.#try(0);
      else check(state);
    });
    return settled;
  }

  /** Destroys the device and stops trying. */
  dispose(): void {
    const before = this.#state;
    if (before.kind === 'disposed') return;
    this.#become({ kind: 'disposed' });
    if (before.kind === 'ready') before.device.destroy();
    this.#listeners.clear();
  }

  /** One attempt; a failed one after a loss is followed by the next. */
  async #try(attempt: number): Promise<void> {
    this.#become({ kind: 'acquiring', attempt });
    const made = await this.#requestInTime();
    if (made === 'late') {
      const reason = `the browser gave no answer within ${ACQUIRE_DEADLINE_MS / 1000} s`;
      if (this.#state.kind !== 'disposed')
        this.#become({ kind: 'unavailable', reason, hangs: true });
      return;
    }
    if (this.#state.kind === 'disposed') {
      if (made.ok) made.value.device.destroy();
      return;
    }
    if (made.ok) {
      const { device, adapter } = made.value;
      this.#become({ kind: 'ready', device, adapter, sinceMs: this.#now(), attempt });
      void device.lost.then((info) => this.#lose(device, info));
      return;
    }
    // Without a loss before it, a refusal is an answer: this machine offers no GPU.
    if (attempt === 0) this.#become({ kind: 'unavailable', reason: made.error });
    else await this.#retry(attempt, 'unknown', made.error);
  }

  async #lose(device: GPUDevice, { reason, message }: GPUDeviceLostInfo): Promise<void> {
    const state = this.#state;
    if (state.kind !== 'ready' || state.device !== device) return;
    const wasSound = this.#now() - state.sinceMs >= SOUND_AFTER_MS;
    await this.#retry(wasSound ? 0 : state.attempt, reason, message);
  }

  async #retry(attempt: number, reason: GPUDeviceLostReason, message: string): Promise<void> {
    const retryInMs = REACQUIRE_DELAYS_MS[attempt];
    if (retryInMs === undefined) {
      const times = REACQUIRE_DELAYS_MS.length;
      this.#become({
        kind: 'unavailable',
        reason: `lost, and ${times} retries failed: ${message}`,
      });
      return;
    }
    const lost: DeviceState = { kind: 'lost', reason, message, attempt, retryInMs };
    this.#become(lost);
    await this.#delay(retryInMs);
    if (this.#state === lost) await this.#try(attempt + 1);
  }

  #requestInTime(): Promise<Made | 'late'> {
    return new Promise((resolve) => {
      let isLate = false;
      const cancel = this.#after(ACQUIRE_DEADLINE_MS, () => {
        isLate = true;
        resolve('late');
      });
      void this.#request().then((made) => {
        cancel();
        if (isLate && made.ok) made.value.device.destroy();
        resolve(made);
      });
    });
  }

  async #request(): Promise<Made> {
    if (this.#gpu === undefined) return fail('this browser has no WebGPU');
    try {
      const adapter = await this.#gpu.requestAdapter(
        this.#powerPreference === undefined ? {} : { powerPreference: this.#powerPreference },
      );
      if (adapter === null) return fail('the browser offers no GPU adapter');
      const device = await adapter.requestDevice({
        requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
        requiredLimits: Object.fromEntries(
          WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]]),
        ),
      });
      return ok({ device, adapter: describeAdapter(adapter) });
    } catch (thrown) {
      return fail(messageOf(thrown));
    }
  }

  #become(next: DeviceState): void {
    assert(this.#state.kind !== 'disposed', 'DeviceOwner: changed after dispose');
    this.#state = next;
    for (const listener of [...this.#listeners]) listener(next);
  }
}

function outcomeOf(state: DeviceState): Result<ReadyDevice, DeviceUnavailable> | undefined {
  switch (state.kind) {
    case 'ready':
      return ok(state);
    case 'unavailable':
      return fail({ kind: 'device-unavailable', reason: state.reason });
    case 'disposed':
      return fail({ kind: 'device-unavailable', reason: 'the device was given up' });
    case 'idle':
    case 'acquiring':
    case 'lost':
      return undefined;
    default:
      return state satisfies never;
  }
}
