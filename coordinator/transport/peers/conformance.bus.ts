/** What every bus has to do; run by each implementation's test. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.ts';

export interface BusUnderTest {
  /** Another bus on the same channels, as another coordinator has it. */
  connect(): Promise<Bus>;
  dispose(): Promise<void>;
}

export function busConformance(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`bus: ${name}`, () => {
    let under: BusUnderTest;
    let a: Bus;
    let b: Bus;
    beforeAll(async () => {
      under = await open();
      a = await under.connect();
      b = await under.connect();
    });
    afterAll(async () => {
      await Promise.all([a.close(), b.close()]);
      await under.dispose();
    });

    it('tells every subscriber of the channel, the publisher too, and none of another', async () => {
      const heard = await Promise.all([inbox(a, 'one'), inbox(b, 'one'), inbox(b, 'two')]);
      a.publish('one', 'hello');
      b.publish('two', 'end');
      expect(await heard[0].next()).toBe('hello');
      expect(await heard[1].next()).toBe('hello');
      expect(await heard[2].next()).toBe('end');
      expect(heard.map(({ waiting }) => waiting())).toEqual([0, 0, 0]);
    });

    it('keeps one order for all', async () => {
      const [first, second] = await Promise.all([inbox(a, 'order'), inbox(b, 'order')]);
      const count = 500;
      for (let i = 0; i < count; i++) {
        a.publish('order', `a${i}`);
        b.publish('order', `b${i}`);
        if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      const heard: string[] = [];
      for (let i = 0; i < 2 * count; i++) {
        heard.push(await first.next());
        expect(await second.next()).toBe(heard[i]);
      }
      for (const from of ['a', 'b']) {
        const own = heard.filter((text) => text.startsWith(from));
        expect(own).toEqual(Array.from({ length: count }, (_, i) => `${from}${i}`));
      }
    });

    it('delivers the same text twice where it was published twice', async () => {
      const heard = await inbox(b, 'twice');
      a.publish('twice', 'again');
      a.publish('twice', 'again');
      expect([await heard.next(), await heard.next()]).toEqual(['again', 'again']);
    });

    it.each([
      ['nothing', ''],
      ['7,900 bytes', 'x'.repeat(7_900)],
      ['7,901 bytes', 'x'.repeat(7_901)],
      ['characters of four bytes', '𝄞'.repeat(5_000)],
      ['a megabyte', JSON.stringify(Array.from({ length: 150_000 }, (_, i) => `é${i}`))],
    ])('carries %s as it is', async (_, text) => {
      const heard = await inbox(b, 'sizes');
      a.publish('sizes', text);
      const came = await heard.next();
      expect(came === text, `${came.length} of ${text.length} characters`).toBe(true);
    });

    it('never calls a handler from within publish', async () => {
      let isPublishing = false;
      const seen: boolean[] = [];
      await a.subscribe('within', () => seen.push(isPublishing));
      const heard = await inbox(a, 'within');
      isPublishing = true;
      a.publish('within', 'x');
      isPublishing = false;
      await heard.next();
      expect(seen).toEqual([false]);
    });

    it('a closed bus sends what it was given, then hears and says nothing', async () => {
      const closing = await under.connect();
      const [own, other] = await Promise.all([inbox(closing, 'closing'), inbox(b, 'closing')]);
      closing.publish('closing', 'last');
      await closing.close();
      closing.publish('closing', 'too late');
      expect(await other.next()).toBe('last');
      const before = own.count();
      a.publish('closing', 'after');
      expect(await other.next()).toBe('after');
      expect(own.count()).toBe(before);
    });
  });
}

async function inbox(bus: Bus, channel: string) {
  const texts: string[] = [];
  let count = 0;
  let wake = () => {};
  await bus.subscribe(channel, (text) => {
    count += 1;
    texts.push(text);
    wake();
  });
  return {
    waiting: () => texts.length,
    count: () => count,
    async next(): Promise<string> {
      while (texts.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return texts.shift()!;
    },
  };
}
