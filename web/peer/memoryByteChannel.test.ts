import { describe, expect, it } from 'vitest';
import { ManualClock } from '../volunteer/testing.ts';
import { BYTE_CHANNEL_CASES } from './byteChannel.conformance.ts';
import { realClock } from './clock.ts';
import { memoryChannels } from './memoryByteChannel.ts';

describe('memory channel', () => {
  it.each(Object.entries(BYTE_CHANNEL_CASES))('%s', async (_, run) => {
    await run((listen) => {
      const [a, b] = memoryChannels(realClock, { delayMs: 1, bytesPerMs: 50_000 });
      listen(a, 'a');
      listen(b, 'b');
      return Promise.resolve({ a, b });
    });
  });

  it('takes the time of its bytes and of its delay', () => {
    const clock = new ManualClock();
    const [a, b] = memoryChannels(clock, { delayMs: 20, bytesPerMs: 10 });
    const came: number[] = [];
    const none = { onOpen: () => {}, onDrain: () => {}, onClose: () => {} };
    a.listen({ ...none, onMessage: () => {} }, 0);
    b.listen({ ...none, onMessage: () => came.push(clock.nowMs()) }, 0);
    clock.pass(20);
    a.send(new Uint8Array(100));
    a.send(new Uint8Array(50));
    expect(a.bufferedBytes).toBe(150);
    clock.pass(10);
    expect(a.bufferedBytes).toBe(50);
    clock.pass(100);
    expect(came).toEqual([50, 55]);
  });
});
