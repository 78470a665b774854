/** Runs without a device; with one they are tested in a browser (`e2e/gallery.spec.ts`). */
import { expect, it } from 'vitest';
import { itemOf } from '../../shared/tensor.ts';
import { exampleBatch } from '../../kernels/example.ts';
import { matmulManifest } from '../../kernels/matmul/manifest.ts';
import { matmulReference } from '../../kernels/matmul/reference.ts';
import { catalogueEntry } from '../../kernels/manifest.ts';
import { presetsOf } from './examples.ts';
import type { GalleryEvent, GalleryRequest } from './messages.ts';
import { runGallery } from './runGallery.ts';
import { repeated } from './timing.ts';

async function eventsOf(request: Partial<GalleryRequest>, stepMs: number): Promise<GalleryEvent[]> {
  const events: GalleryEvent[] = [];
  let nowMs = 0;
  await runGallery(
    { kernel: 'matmul@1', params: { m: 4, k: 3, n: 5 }, items: 6, preset: 'small', ...request },
    {
      device: () => Promise.resolve({ device: null, reason: 'none here' }),
      now: () => (nowMs += stepMs),
      emit: (event) => events.push(event),
    },
  );
  return events;
}

it('without a device the reference computes, and its pictures are shown', async () => {
  const events = await eventsOf({}, 1);
  expect(events.map(({ kind }) => kind)).toEqual(['no-gpu', 'reference', 'pictures', 'done']);
  expect(events[0]).toMatchObject({ reason: 'none here' });
  expect(events[1]).toMatchObject({ items: 6 });
  const { pictures } = events[2] as Extract<GalleryEvent, { kind: 'pictures' }>;
  expect(pictures.map(({ item, width, height }) => [item, width, height])).toEqual(
    [0, 1, 2, 3].map((item) => [item, 5, 4]),
  );
});

it('items that are parts of one picture are shown as one', async () => {
  const { params, items } = (await presetsOf('mandelbrot')).small;
  const events = await eventsOf({ kernel: 'mandelbrot@1', params, items }, 1);
  const { pictures } = events[2] as Extract<GalleryEvent, { kind: 'pictures' }>;
  expect(pictures).toHaveLength(1);
  expect(pictures[0]).toMatchObject({ item: null, width: 128, height: 96 });
  // Every tile was placed: no pixel is clear.
  expect(pictures[0]!.rgba.every((value, i) => i % 4 < 3 || value === 255)).toBe(true);
});

it('what would be a huge picture is shown item by item', async () => {
  const { params } = (await presetsOf('mandelbrot')).small;
  const huge = { ...params, widthPixels: 16_384, heightPixels: 16_384 };
  const events = await eventsOf({ kernel: 'mandelbrot@1', params: huge, items: 2 }, 1);
  const { pictures } = events[2] as Extract<GalleryEvent, { kind: 'pictures' }>;
  expect(pictures.map(({ item, width }) => [item, width])).toEqual([
    [0, 32],
    [1, 32],
  ]);
});

it('the reference computes no more items than it has time for, and one at least', async () => {
  const events = await eventsOf({}, 10_000);
  expect(events[1]).toMatchObject({ kind: 'reference', items: 1 });
  expect(events.at(-1)).toEqual({ kind: 'done' });
});

it.each([
  [{ kernel: 'matmul@0' }, 'no matmul@0'],
  [{ params: { m: 0, k: 1, n: 1 } }, 'm'],
])('what cannot be run is told: %j', async (request, message) => {
  const events = await eventsOf(request, 1);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ kind: 'failed', reason: 'broken' });
  expect((events[0] as { message: string }).message).toContain(message);
});

it('a batch is repeated row by row, under further item indices', () => {
  const entry = catalogueEntry(matmulManifest, matmulReference);
  const params = matmulManifest.params.parse({ m: 2, k: 3, n: 2 });
  const batch = exampleBatch(entry, params, 3, { constant: ['b'], items: [7, 8, 9] });
  expect(repeated(batch, 1)).toBe(batch);
  const twice = repeated(batch, 2);
  expect(twice.items).toEqual([7, 8, 9, 10, 11, 12]);
  expect(twice.constants).toBe(batch.constants);
  const [once, all] = [batch.stacked['a']!, twice.stacked['a']!];
  expect(all.dims).toEqual([6, 2, 3]);
  for (let row = 0; row < 6; row++)
    expect(itemOf(all, row).bytes).toEqual(itemOf(once, row % 3).bytes);
});
