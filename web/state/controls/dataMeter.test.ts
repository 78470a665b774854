/** Every byte of a day is counted once, also over a reload and past midnight. */
import { describe, expect, test } from 'vitest';
import { DataMeter, meteredFetch, meteredLink } from './dataMeter.ts';

class Memory {
  text: string | null = null;
  read = (): string | null => this.text;
  write = (text: string): void => {
    this.text = text;
  };
  #changed: () => void = () => undefined;
  onChange = (listener: () => void): void => {
    this.#changed = listener;
  };
  become(text: string): void {
    this.text = text;
    this.#changed();
  }
}

function rig(stored: string | null = null) {
  const memory = new Memory();
  memory.text = stored;
  let day = '2026-1-1';
  let steps = 0;
  const make = () =>
    new DataMeter(
      memory,
      () => day,
      () => (steps += 1),
    );
  return { memory, make, setDay: (next: string) => (day = next), steps: () => steps };
}

describe('DataMeter', () => {
  test('goes on where the page before left off', () => {
    const { make } = rig();
    const meter = make();
    meter.add(70_000);
    meter.add(70_000);
    meter.add(5);
    meter.save();
    expect(make().bytesToday).toBe(140_005);
  });

  test('writes and tells in steps, not with every message', () => {
    const { make, memory, steps } = rig();
    const meter = make();
    for (let i = 0; i < 25; i++) meter.add(10_000);
    expect(steps()).toBe(2);
    expect(memory.text).toBe('2026-1-1 200000');
  });

  test('what other tabs count is counted here, and never written over', () => {
    const { make, memory } = rig();
    const meter = make();
    memory.become('2026-1-1 5000000');
    meter.save();
    expect(memory.text).toBe('2026-1-1 5000000');
    meter.add(7);
    memory.become('2026-1-1 6000000');
    expect(meter.bytesToday).toBe(6_000_007);
  });

  test('a new day begins with nothing', () => {
    const { make, setDay } = rig();
    const meter = make();
    meter.add(200_000);
    setDay('2026-1-2');
    expect(meter.bytesToday).toBe(0);
    meter.add(3);
    expect(meter.bytesToday).toBe(3);
  });

  test.each(['', 'nonsense', '2026-1-1 -5', '2026-1-1 x', '2025-12-31 900'])(
    'a record like “%s” counts as nothing',
    (text) => {
      expect(rig(text).make().bytesToday).toBe(0);
    },
  );

  test('what is fetched is counted as it comes, and comes whole', async () => {
    const meter = rig().make();
    const fetched = meteredFetch(
      meter,
      () => false,
      () => Promise.resolve(new Response('12345', { status: 206 })),
    );
    const response = await fetched('https://x.example');
    expect(response.status).toBe(206);
    expect(meter.bytesToday).toBe(0);
    expect(await response.text()).toBe('12345');
    expect(meter.bytesToday).toBe(5);
  });

  test('a download ends where nothing may go over the line, and none begins', async () => {
    const meter = rig().make();
    let isBarred = false;
    const parts = ['12345', '67890'];
    const source = () =>
      new ReadableStream({
        pull(controller) {
          const part = parts.shift();
          if (part === undefined) controller.close();
          else controller.enqueue(new TextEncoder().encode(part));
        },
      });
    const inner = () => Promise.resolve(new Response(source()));
    const fetched = meteredFetch(meter, () => isBarred, inner);
    const reader = (await fetched('https://x.example')).body!.getReader();
    await reader.read();
    isBarred = true;
    await expect(reader.read().then(() => reader.read())).rejects.toThrow('nothing go over');
    await expect(fetched('https://x.example')).rejects.toThrow('nothing go over');
  });

  test('a link counts what it sends and gets, and not what was not taken', () => {
    const meter = rig().make();
    let isOpen = true;
    const got: string[] = [];
    let tell: (text: string) => void = () => undefined;
    const connect = meteredLink(meter, (_, handlers) => {
      tell = (text) => handlers.onText(text);
      return { send: () => isOpen, close: () => undefined };
    });
    const socket = connect('wss://x.example', {
      onText: (text) => got.push(text),
      onBinary: () => undefined,
      onClose: () => undefined,
    });
    socket.send('1234');
    socket.send(new Uint8Array(10));
    tell('123');
    isOpen = false;
    socket.send('never sent');
    expect(meter.bytesToday).toBe(17);
    expect(got).toEqual(['123']);
  });
});
