/** Loss and recovery by script: what no GPU does on request. The real one is in the `.gpu.test.ts`. */
import { describe, expect, it } from 'vitest';
import { DeviceOwner, REACQUIRE_DELAYS_MS, type DeviceState } from './deviceOwner.ts';

interface Loss {
  lose(message: string): void;
}

/** A `GPU` whose next adapters come from a list; `null` is no adapter, an error a refused device. */
function scripted(outcomes: ('device' | 'none' | 'refused')[]) {
  const devices: Loss[] = [];
  let destroyed = 0;
  const requestDevice = () => {
    let lose: (info: { reason: string; message: string }) => void = () => undefined;
    const lost = new Promise((resolve) => (lose = resolve));
    devices.push({ lose: (message) => lose({ reason: 'unknown', message }) });
    const destroy = () => {
      destroyed += 1;
      lose({ reason: 'destroyed', message: '' });
    };
    return Promise.resolve({ lost, destroy });
  };
  const info = { vendor: 'v', architecture: 'a', description: '', device: '' };
  const adapter = (refused: boolean) => ({
    info: { ...info, isFallbackAdapter: false },
    limits: {},
    features: new Set<string>(),
    requestDevice: refused ? () => Promise.reject(new Error('not today')) : requestDevice,
  });
  const requestAdapter = () => {
    const next = outcomes.shift() ?? 'none';
    return Promise.resolve(next === 'none' ? null : adapter(next === 'refused'));
  };
  return { gpu: { requestAdapter } as unknown as GPU, devices, destroyedCount: () => destroyed };
}

function watched(outcomes: Parameters<typeof scripted>[0]) {
  const script = scripted(outcomes);
  const delays: number[] = [];
  let clockMs = 0;
  const owner = new DeviceOwner({
    gpu: script.gpu,
    now: () => clockMs,
    delay: (durationMs) => {
      delays.push(durationMs);
      return Promise.resolve();
    },
  });
  const next = (kind: DeviceState['kind']) =>
    new Promise<DeviceState>((resolve) => {
      const unsubscribe = owner.subscribe((state) => {
        if (state.kind !== kind) return;
        unsubscribe();
        resolve(state);
      });
    });
  return { ...script, owner, delays, next, advance: (ms: number) => (clockMs += ms) };
}

describe('DeviceOwner', () => {
  it('waits for a GPU that hangs no longer than half a minute, and keeps no device that comes later', async () => {
    const { gpu, destroyedCount } = scripted(['device']);
    const asked: ((adapter: GPUAdapter | null) => void)[] = [];
    let giveUp = (): void => undefined;
    const waited: number[] = [];
    const owner = new DeviceOwner({
      gpu: {
        requestAdapter: () => new Promise((resolve) => asked.push(resolve)),
      } as unknown as GPU,
      after(durationMs, call) {
        waited.push(durationMs);
        giveUp = call;
        return () => undefined;
      },
    });
    const acquired = owner.acquire();
    giveUp();
    expect(await acquired).toMatchObject({ ok: false });
    expect(owner.state).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('no answer within 30 s') as string,
    });
    expect(waited).toEqual([30_000]);
    // Nobody waits a second time.
    expect(await owner.acquire()).toMatchObject({ ok: false });
    expect(asked).toHaveLength(1);
    asked[0]!(await gpu.requestAdapter());
    await expect.poll(destroyedCount).toBe(1);
    expect(owner.state.kind).toBe('unavailable');
  });

  it('says so where there is no WebGPU, no adapter, or no device, without retrying', async () => {
    const none = new DeviceOwner({ gpu: undefined });
    expect(await none.acquire()).toMatchObject({
      ok: false,
      error: { kind: 'device-unavailable' },
    });
    const empty = watched(['none']);
    expect(await empty.owner.acquire()).toMatchObject({ ok: false });
    const refused = watched(['refused']);
    const answer = await refused.owner.acquire();
    expect(answer).toEqual({
      ok: false,
      error: { kind: 'device-unavailable', reason: 'not today' },
    });
    expect([...empty.delays, ...refused.delays]).toEqual([]);
  });

  it('may be asked again after it was unavailable', async () => {
    const { owner } = watched(['none', 'device']);
    expect((await owner.acquire()).ok).toBe(false);
    expect((await owner.acquire()).ok).toBe(true);
  });

  it('waits longer after every failure, then gives up', async () => {
    const { owner, devices, delays, next } = watched(['device', 'none', 'refused', 'none', 'none']);
    await owner.acquire();
    const gaveUp = next('unavailable');
    devices[0]!.lose('the GPU process crashed');
    expect(await gaveUp).toMatchObject({ kind: 'unavailable' });
    expect(delays).toEqual(REACQUIRE_DELAYS_MS);
  });

  it('counts a device that is lost at once as one more failure', async () => {
    const { owner, devices, delays, next } = watched(Array<'device'>(5).fill('device'));
    await owner.acquire();
    for (let i = 0; i < 4; i++) {
      const back = next('ready');
      devices[i]!.lose('again');
      await back;
    }
    const gaveUp = next('unavailable');
    devices[4]!.lose('again');
    await gaveUp;
    expect(delays).toEqual(REACQUIRE_DELAYS_MS);
  });

  it('starts the delays anew after a device that lived for a minute', async () => {
    const { owner, devices, delays, next, advance } = watched(['device', 'device', 'device']);
    await owner.acquire();
    for (let i = 0; i < 2; i++) {
      advance(60_000);
      const back = next('ready');
      devices[i]!.lose('once an hour');
      await back;
    }
    expect(delays).toEqual([REACQUIRE_DELAYS_MS[0], REACQUIRE_DELAYS_MS[0]]);
  });

  it('tells the loss as a state with its reason, and a waiting caller gets the next device', async () => {
    const { owner, devices, next } = watched(['device', 'device']);
    await owner.acquire();
    const lost = next('lost');
    devices[0]!.lose('driver reset');
    expect(await lost).toMatchObject({
      reason: 'unknown',
      message: 'driver reset',
      retryInMs: 200,
    });
    const second = await owner.acquire();
    expect(second).toMatchObject({ ok: true, value: { attempt: 1 } });
  });

  it('destroys the device on dispose and tries no more', async () => {
    const { owner, destroyedCount, delays } = watched(['device', 'device']);
    await owner.acquire();
    owner.dispose();
    owner.dispose();
    await Promise.resolve();
    expect(destroyedCount()).toBe(1);
    expect(delays).toEqual([]);
    expect(owner.state.kind).toBe('disposed');
  });

  it('destroys a device that arrives after dispose', async () => {
    const { owner, destroyedCount } = watched(['device']);
    const waiting = owner.acquire();
    owner.dispose();
    expect((await waiting).ok).toBe(false);
    for (let i = 0; i < 5; i++) await Promise.resolve();
    expect(destroyedCount()).toBe(1);
  });
});
