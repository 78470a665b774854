import { describe, expect, test } from 'vitest';
import { digestOf } from '../../shared/digest.ts';
import { httpBlobSource } from './blobs.ts';
import { memoryBlobCache } from './memoryBlobCache.ts';
import type { BlobCache } from './ports.ts';
import { ManualClock, settle } from './testing.ts';

const BYTES = new Uint8Array([1, 2, 3, 4]);
const DIGEST = digestOf(BYTES);
const signal = new AbortController().signal;

/** A source whose fetch gives the answers in turn, and then keeps the last. */
function rig(answers: (() => Response)[], cache: BlobCache = memoryBlobCache()) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const source = httpBlobSource({
    origin: 'https://coordinator.example',
    cache,
    clock,
    random: () => 0.5,
    fetch: (input) => {
      asked.push(input instanceof Request ? input.url : input.toString());
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      // A throwing answer is a network that is down: fetch rejects with what was thrown.
      return Promise.resolve().then(answer);
    },
  });
  return { source, clock, asked, cache };
}

const good = (): Response => new Response(BYTES);
const offline = (): Response => {
  throw new TypeError('network down');
};

describe('httpBlobSource', () => {
  test('fetches by digest, once', async () => {
    const { source, asked } = rig([good]);
    expect(await source.get(DIGEST, signal)).toEqual({ ok: true, value: BYTES });
    expect(await source.get(DIGEST, signal)).toEqual({ ok: true, value: BYTES });
    expect(asked).toEqual([`https://coordinator.example/v1/blobs/${DIGEST}`]);
  });

  test('bytes of another digest are refused and not kept', async () => {
    const { source, cache } = rig([() => new Response(new Uint8Array([9]))]);
    expect(await source.get(DIGEST, signal)).toMatchObject({ error: { kind: 'blob-wrong' } });
    expect(await cache.get(DIGEST)).toBeNull();
  });

  test('a spoiled cache entry is fetched anew', async () => {
    const { source, cache, asked } = rig([good]);
    await cache.put(DIGEST, new Uint8Array([9]));
    expect(await source.get(DIGEST, signal)).toEqual({ ok: true, value: BYTES });
    expect(asked).toHaveLength(1);
    expect(await cache.get(DIGEST)).toEqual(BYTES);
  });

  test('an absent blob is not asked for again', async () => {
    const { source, asked } = rig([() => new Response(null, { status: 404 })]);
    expect(await source.get(DIGEST, signal)).toMatchObject({ error: { kind: 'blob-absent' } });
    expect(asked).toHaveLength(1);
  });

  test('an unreachable coordinator is tried again, and given up in the end', async () => {
    const { source, clock, asked } = rig([offline, good]);
    const patient = source.get(DIGEST, signal);
    await settle();
    clock.pass(1_000);
    expect(await patient).toEqual({ ok: true, value: BYTES });
    expect(asked).toHaveLength(2);

    const gone = rig([offline]);
    const hopeless = gone.source.get(DIGEST, signal);
    for (let i = 0; i < 4; i++) {
      await settle();
      gone.clock.pass(10_000);
    }
    expect(await hopeless).toMatchObject({ error: { kind: 'blob-unreachable' } });
    expect(gone.asked).toHaveLength(4);
  });
});
