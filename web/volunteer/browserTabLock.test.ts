/** Two tabs and one lock: who computes, who takes over, and when nobody is to. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { browserTabLock } from './browserTabLock.ts';

interface Asked {
  readonly name: string;
  readonly mode: 'exclusive' | 'shared';
  readonly grant: () => void;
}

/** The Web Locks API as its specification has it, as far as it is used here: requests are served in order. */
class MemoryLocks {
  readonly #held: Asked[] = [];
  readonly #queue: Asked[] = [];

  async request(
    name: string,
    options: LockOptions,
    callback: (lock: { name: string } | null) => unknown,
  ): Promise<unknown> {
    const { mode = 'exclusive', ifAvailable = false, signal } = options;
    await Promise.resolve();
    signal?.throwIfAborted();
    if (ifAvailable && !this.#mayHave(name, mode)) return callback(null);
    const granted = new Promise<Asked>((resolve, reject) => {
      const asked: Asked = { name, mode, grant: () => resolve(asked) };
      this.#queue.push(asked);
      signal?.addEventListener('abort', () => {
        const at = this.#queue.indexOf(asked);
        if (at < 0) return;
        this.#queue.splice(at, 1);
        reject(new DOMException('given up', 'AbortError'));
      });
      this.#serve();
    });
    const held = await granted;
    try {
      return await callback({ name });
    } finally {
      this.#held.splice(this.#held.indexOf(held), 1);
      this.#serve();
    }
  }

  query() {
    return Promise.resolve({ held: this.#held.map(({ name }) => ({ name })) });
  }

  #mayHave(name: string, mode: Asked['mode']): boolean {
    const same = this.#held.filter((it) => it.name === name);
    return same.length === 0 || (mode === 'shared' && same.every((it) => it.mode === 'shared'));
  }

  #serve(): void {
    for (const asked of [...this.#queue]) {
      if (!this.#mayHave(asked.name, asked.mode)) continue;
      this.#queue.splice(this.#queue.indexOf(asked), 1);
      this.#held.push(asked);
      asked.grant();
    }
  }
}

// Node has no Web Locks: these stand for a browser's; `duty.spec.ts` has the real ones.
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { locks: new MemoryLocks() });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('browserTabLock', () => {
  test('one tab holds it, and asking again changes nothing', async () => {
    const [a, b] = [browserTabLock(), browserTabLock()];
    expect(await a.take()).toBe(true);
    expect(await a.take()).toBe(true);
    expect(await b.take()).toBe(false);
  });

  test('whoever waits takes over when the other goes', async () => {
    const [a, b] = [browserTabLock(), browserTabLock()];
    await a.take();
    const next = b.takeNext();
    a.release(false);
    expect(await next).toBe('taken');
    expect(await a.take()).toBe(false);
  });

  test('nobody takes over where a person switched it off; a click there or here begins again', async () => {
    const [a, b] = [browserTabLock(), browserTabLock()];
    await a.take();
    const next = b.takeNext();
    a.release(true);
    expect(await next).toBe('switched-off');
    expect(await b.take()).toBe(true);
    b.release(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(await a.take()).toBe(true);
  });

  test('a click at any moment around that keeps the lock for good', async () => {
    for (let steps = 0; steps < 40; steps++) {
      vi.stubGlobal('navigator', { locks: new MemoryLocks() });
      const [a, b] = [browserTabLock(), browserTabLock()];
      await a.take();
      const next = b.takeNext();
      a.release(true);
      for (let i = 0; i < steps; i++) await Promise.resolve();
      const clicked = await b.take();
      await next;
      await vi.advanceTimersByTimeAsync(0);
      // Too early it is refused; where it was not, nobody else gets the lock.
      expect(await a.take(), `after ${steps} steps`).toBe(!clicked);
    }
  });

  test('switching off is forgotten: who waits later takes over', async () => {
    const [a, b] = [browserTabLock(), browserTabLock()];
    await a.take();
    a.release(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await a.take()).toBe(true);
    const next = b.takeNext();
    a.release(false);
    expect(await next).toBe('taken');
  });

  test('taken, let go of and taken again at once is not refused because of itself', async () => {
    const a = browserTabLock();
    await a.take();
    a.release(true);
    expect(await a.take()).toBe(true);
  });

  test('a wait is given up for another request, and by a release', async () => {
    const [a, b] = [browserTabLock(), browserTabLock()];
    await a.take();
    const first = b.takeNext();
    const second = b.takeNext();
    expect(await first).toBe('given-up');
    b.release(false);
    expect(await second).toBe('given-up');
    a.release(false);
    expect(await a.take()).toBe(true);
  });

  test('what is released while it is awaited is not held', async () => {
    const [a, b] = [browserTabLock(), browserTabLock()];
    const taking = a.take();
    a.release(false);
    expect(await taking).toBe(false);
    expect(await b.take()).toBe(true);
  });

  test('a frame whose storage is switched off computes as in a browser without locks', async () => {
    const denied = () => Promise.reject(new DOMException('denied', 'SecurityError'));
    vi.stubGlobal('navigator', { locks: { request: denied, query: denied } });
    const lock = browserTabLock();
    expect(await lock.take()).toBe(true);
    lock.release(true);
    expect(await lock.take()).toBe(true);
    // Any other failure is one.
    const broken = () => Promise.reject(new DOMException('broken', 'InvalidStateError'));
    vi.stubGlobal('navigator', { locks: { request: broken, query: broken } });
    await expect(browserTabLock().take()).rejects.toThrow('broken');
  });
});
