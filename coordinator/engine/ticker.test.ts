/** Ticks: together, durable, and only then spoken about; a failed commit ends everything, once. */
import { describe, expect, it } from 'vitest';
import type { Changes } from '../store/store.ts';
import { jobOf } from '../core/testing/work.ts';
import { Ticker, type TickerOptions } from './ticker.ts';

/** A store whose commits end when the test says so. */
function heldStore() {
  const commits: { changes: Changes; done: () => void; fail: (error: Error) => void }[] = [];
  const commit = (changes: Changes) =>
    new Promise<void>((resolve, reject) => commits.push({ changes, done: resolve, fail: reject }));
  return { commits, store: { commit } };
}

function tickerOf(options: Partial<TickerOptions> = {}) {
  const fatal: unknown[] = [];
  const ticker = new Ticker({
    store: { commit: async () => undefined },
    finish: () => undefined,
    committed: () => undefined,
    onFatal: (error) => fatal.push(error),
    ...options,
  });
  return { ticker, fatal };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const JOB = jobOf();

describe('ticks', () => {
  it('what has arrived together is one transaction, in order, finished last', async () => {
    const seen: string[] = [];
    const { commits, store } = heldStore();
    const { ticker } = tickerOf({ store, finish: () => seen.push('finish') });
    for (const name of ['a', 'b', 'c']) {
      ticker.enqueue(0, (tick) => {
        seen.push(name);
        tick.putJob({ ...JOB, name });
      });
    }
    await turn();
    await turn();
    expect(seen).toEqual(['a', 'b', 'c', 'finish']);
    expect(commits).toHaveLength(1);
    expect(commits[0]!.changes.jobs.map(({ name }) => name)).toEqual(['c']);
    commits[0]!.done();
    await ticker.idle();
  });

  it('nothing is said before the commit resolves', async () => {
    const said: string[] = [];
    const { commits, store } = heldStore();
    const { ticker } = tickerOf({ store });
    ticker.enqueue(0, (tick) => {
      tick.putJob(JOB);
      tick.afterCommit(() => said.push('said'));
    });
    const asked = ticker.ask((tick) => {
      tick.putJob(JOB);
      return 7;
    });
    void asked.then((answer) => said.push(`answered ${answer}`));
    await turn();
    await turn();
    expect(said).toEqual([]);
    commits[0]!.done();
    await ticker.idle();
    expect(said).toEqual(['said', 'answered 7']);
  });

  it('what arrives during a commit waits for the next', async () => {
    const { commits, store } = heldStore();
    const { ticker } = tickerOf({ store });
    ticker.enqueue(0, (tick) => tick.putJob(JOB));
    await turn();
    await turn();
    ticker.enqueue(0, (tick) => tick.putJob({ ...JOB, name: 'later' }));
    await turn();
    expect(commits).toHaveLength(1);
    commits[0]!.done();
    await turn();
    expect(commits).toHaveLength(2);
    commits[1]!.done();
    await ticker.idle();
  });

  it('a tick that changes nothing is not committed, and still answers', async () => {
    const { commits, store } = heldStore();
    const { ticker } = tickerOf({ store });
    expect(await ticker.ask(() => 'answer')).toBe('answer');
    expect(commits).toEqual([]);
  });

  it('handlers may enqueue more for the same tick', async () => {
    const seen: string[] = [];
    const { ticker } = tickerOf();
    ticker.enqueue(0, () => {
      seen.push('outer');
      ticker.enqueue(0, () => seen.push('inner'));
    });
    await ticker.idle();
    expect(seen).toEqual(['outer', 'inner']);
  });

  it('questions asked one after the other are all answered, without anybody else’s input', async () => {
    const { ticker } = tickerOf();
    for (let i = 0; i < 20; i++) expect(await ticker.ask(() => i)).toBe(i);
  });

  it('a tick takes a bounded number of inputs and of bytes', async () => {
    const sizes: number[] = [];
    let inTick = 0;
    const { ticker } = tickerOf({
      finish: () => {
        sizes.push(inTick);
        inTick = 0;
      },
    });
    for (let i = 0; i < 556; i++) ticker.enqueue(0, () => (inTick += 1));
    expect(ticker.backlogBytes).toBe(556 * 1024);
    await ticker.idle();
    expect(sizes).toEqual([256, 256, 44]);
    sizes.length = 0;
    for (let i = 0; i < 5; i++) ticker.enqueue(40 * 1024 * 1024, () => (inTick += 1));
    expect(ticker.backlogBytes).toBe(5 * (40 * 1024 * 1024 + 1024));
    await ticker.idle();
    expect(sizes).toEqual([2, 2, 1]);
    expect(ticker.backlogBytes).toBe(0);
  });
});

describe('failure and stopping', () => {
  it('a failed commit stops it for good: told once, nothing said, questions rejected', async () => {
    const said: string[] = [];
    const error = new Error('disk full');
    const { ticker, fatal } = tickerOf({ store: { commit: () => Promise.reject(error) } });
    ticker.enqueue(0, (tick) => {
      tick.putJob(JOB);
      tick.afterCommit(() => said.push('said'));
    });
    const asked = ticker.ask((tick) => tick.putJob(JOB));
    await expect(asked).rejects.toThrow('disk full');
    await ticker.idle();
    expect(fatal).toEqual([error]);
    expect(ticker.isStopped).toBe(true);
    expect(said).toEqual([]);
    ticker.enqueue(0, () => said.push('handled'));
    ticker.fatal(new Error('again'));
    await expect(ticker.ask(() => 1)).rejects.toThrow('stopping');
    await turn();
    expect([said, fatal]).toEqual([[], [error]]);
  });

  it('a bug in a handler is fatal too, and what waits behind it is not handled', async () => {
    const seen: string[] = [];
    const { ticker, fatal } = tickerOf();
    ticker.enqueue(0, () => {
      throw new Error('a bug');
    });
    ticker.enqueue(0, () => seen.push('behind'));
    await ticker.idle();
    expect([seen, String(fatal[0])]).toEqual([[], 'Error: a bug']);
  });

  it('stop finishes what was taken, and takes nothing more', async () => {
    const { commits, store } = heldStore();
    const { ticker, fatal } = tickerOf({ store });
    const asked = ticker.ask((tick) => {
      tick.putJob(JOB);
      return 'done';
    });
    await turn();
    await turn();
    const stopped = ticker.stop();
    await expect(ticker.ask(() => 1)).rejects.toThrow('stopping');
    commits[0]!.done();
    await stopped;
    expect(await asked).toBe('done');
    expect(fatal).toEqual([]);
  });

  it('a commit that fails while it stops is told too: what was taken is lost', async () => {
    const { commits, store } = heldStore();
    const { ticker, fatal } = tickerOf({ store });
    const asked = ticker.ask((tick) => tick.putJob(JOB));
    await turn();
    await turn();
    const stopped = ticker.stop();
    commits[0]!.fail(new Error('disk full'));
    await expect(asked).rejects.toThrow('disk full');
    await stopped;
    expect(fatal.map(String)).toEqual(['Error: disk full']);
  });

  it('what fails beside the ticks after an orderly stop is nobody’s concern', async () => {
    const { ticker, fatal } = tickerOf();
    await ticker.stop();
    ticker.fatal(new Error('the store is closed'));
    expect(fatal).toEqual([]);
  });
});
