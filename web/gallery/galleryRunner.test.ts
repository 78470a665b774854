import { expect, it } from 'vitest';
import { begun, heard } from './galleryResult.ts';
import { GalleryRunner, MAX_SILENCE_MS, type SpawnedGallery } from './galleryRunner.ts';
import type { GalleryEvent, GalleryRequest } from './messages.ts';

const REQUEST: GalleryRequest = { kernel: 'matmul@1', params: {}, items: 1, preset: 'small' };

/** A runner whose workers and clock are the test's. */
function rig() {
  const workers: {
    asked: GalleryRequest[];
    say: (event: GalleryEvent) => void;
    die: (message: string) => void;
    isAlive: boolean;
  }[] = [];
  let alarm: { readonly delayMs: number; readonly fire: () => void } | null = null;
  const runner = new GalleryRunner({
    spawn() {
      const worker = {
        asked: [] as GalleryRequest[],
        say: (_: GalleryEvent): void => undefined,
        die: (_: string): void => undefined,
        isAlive: true,
      };
      workers.push(worker);
      const spawned: SpawnedGallery = {
        ask: (request) => worker.asked.push(request),
        onEvent: (listener) => (worker.say = listener),
        onDeath: (listener) => (worker.die = listener),
        terminate: () => (worker.isAlive = false),
      };
      return spawned;
    },
    after(delayMs, fire) {
      alarm = { delayMs, fire };
      return () => (alarm = null);
    },
  });
  const events: GalleryEvent[] = [];
  const run = () => runner.run(REQUEST, (event) => events.push(event));
  return { runner, workers, events, run, alarm: () => alarm };
}

it('spawns a worker with the first run, and keeps it for the next', () => {
  const { runner, workers, events, run } = rig();
  expect(workers).toHaveLength(0);
  run();
  run();
  expect(workers[0]!.asked).toEqual([REQUEST]);
  workers[0]!.say({ kind: 'no-gpu', reason: 'none' });
  expect(runner.isRunning).toBe(true);
  workers[0]!.say({ kind: 'done' });
  expect(runner.isRunning).toBe(false);
  run();
  expect(workers).toHaveLength(1);
  expect(events.map(({ kind }) => kind)).toEqual(['no-gpu', 'done']);
});

it('ends a run whose worker dies, and spawns another for the next', () => {
  const { workers, events, run } = rig();
  run();
  workers[0]!.die('no memory');
  expect(events).toEqual([{ kind: 'failed', reason: 'broken', message: 'no memory' }]);
  expect(workers[0]!.isAlive).toBe(false);
  run();
  expect(workers).toHaveLength(2);
});

it('ends a run that says nothing for long, and not one that speaks', () => {
  const { workers, events, run, alarm } = rig();
  run();
  const first = alarm()!;
  expect(first.delayMs).toBe(MAX_SILENCE_MS);
  workers[0]!.say({ kind: 'no-gpu', reason: 'none' });
  expect(alarm()).not.toBe(first);
  alarm()!.fire();
  expect(events.at(-1)).toMatchObject({ kind: 'failed', reason: 'silent' });
  expect(workers[0]!.isAlive).toBe(false);
});

it('says nothing more when it is closed', () => {
  const { runner, workers, events, run, alarm } = rig();
  run();
  runner.close();
  workers[0]!.say({ kind: 'done' });
  workers[0]!.die('late');
  expect(events).toEqual([]);
  expect(workers[0]!.isAlive).toBe(false);
  expect(alarm()).toBeNull();
});

it('a result is what was heard', () => {
  const failed = { kind: 'failed', reason: 'device-lost', message: 'gone' } as const;
  const device = { kind: 'device', name: 'x', isSoftware: true } as const;
  const result = [device, failed].reduce<ReturnType<typeof begun>>(heard, begun(REQUEST));
  expect(result).toEqual({ ...begun(REQUEST), state: 'failed', device, failure: failed });
  const roof = { bytesPerSecond: 1, flopsPerSecond: 2 };
  expect(heard(result, { kind: 'roof', roof }).roof).toBe(roof);
  expect(heard(result, { kind: 'done' }).state).toBe('done');
});
