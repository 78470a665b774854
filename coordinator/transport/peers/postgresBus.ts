/**
 * A bus through PostgreSQL's LISTEN and NOTIFY, on a connection of its own: a commit of the store never waits
 * for it. (NOTIFY takes a lock of the whole database while its transaction commits, so it must not be in theirs.)
 *
 * All that was published while a statement was under way goes out in the next one. A lost connection is opened
 * again, and subscriptions with it; what was under way is lost.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { MAX_BUS_BACKLOG_BYTES, MAX_BUS_MESSAGE_BYTES } from '../../../shared/limits.ts';
import { assert, messageOf } from '../../../shared/result.ts';
import { CHANNEL, type Bus } from './bus.ts';
import { PartsReader, partsOf } from './busParts.ts';

const CONNECT_DEADLINE_MS = 15_000;
/** A NOTIFY that takes longer means that the connection is dead. */
const QUERY_DEADLINE_MS = 15_000;
const CLOSE_DEADLINE_MS = 2_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;
/** Parts of one statement: about 1 MiB. */
const MAX_PARTS_AT_ONCE = 128;
/** Database channels are shared by all that uses the database. */
const PREFIX = 'idlewave_';

export type BusLog = (event: string, fields: Record<string, unknown>) => void;

/** Rejects where the database cannot be reached. */
export async function openPostgresBus(url: string, log: BusLog = () => {}): Promise<Bus> {
  const bus = new PostgresBus(url, log);
  await bus.open();
  return bus;
}

interface Part {
  readonly channel: string;
  readonly text: string;
}

class PostgresBus implements Bus {
  readonly #url: string;
  readonly #log: BusLog;
  readonly #sender = randomBytes(8).toString('hex');
  readonly #handlers = new Map<string, ((text: string) => void)[]>();
  readonly #readers = new Map<string, PartsReader>();
  readonly #stop = new AbortController();
  #client: pg.Client | null = null;
  #published = 0;
  #queue: Part[] = [];
  #queuedBytes = 0;
  #sending: Promise<void> | null = null;

  constructor(url: string, log: BusLog) {
    this.#url = url;
    this.#log = log;
  }

  async open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: `idlewave bus ${hostname()}:${process.pid}`,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      query_timeout: QUERY_DEADLINE_MS,
      keepAlive: true,
    });
    client.on('error', () => undefined);
    client.on('end', () => this.#lost(client));
    client.on('notification', ({ channel, payload = '' }) => this.#take(channel, payload));
    await client.connect();
    try {
      for (const channel of this.#handlers.keys()) await client.query(listen(channel));
    } catch (thrown) {
      await ended(client);
      throw thrown;
    }
    this.#client = client;
    this.#send();
  }

  publish(channel: string, text: string): void {
    assert(CHANNEL.test(channel), `no channel: ${channel}`);
    const bytes = Buffer.byteLength(text);
    assert(bytes <= MAX_BUS_MESSAGE_BYTES, 'a message beyond the limit');
    if (this.#stop.signal.aborted) return;
    if (this.#queuedBytes + bytes > MAX_BUS_BACKLOG_BYTES) {
      return this.#log('bus-overflow', { channel, bytes });
    }
    this.#published += 1;
    for (const part of partsOf(this.#sender, this.#published, text)) {
      this.#queue.push({ channel: PREFIX + channel, text: part });
    }
    this.#queuedBytes += bytes;
    this.#send();
  }

  async subscribe(channel: string, handler: (text: string) => void): Promise<void> {
    assert(CHANNEL.test(channel), `no channel: ${channel}`);
    const name = PREFIX + channel;
    this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler]);
    // Without a connection the next one listens.
    await this.#client?.query(listen(name));
  }

  async close(): Promise<void> {
    if (this.#client !== null) await this.#sending;
    this.#stop.abort();
    if (this.#client !== null) await ended(this.#client);
  }

  #take(name: string, part: string): void {
    let reader = this.#readers.get(name);
    if (reader === undefined) this.#readers.set(name, (reader = new PartsReader()));
    const text = reader.read(part);
    if (text === null || this.#stop.signal.aborted) return;
    for (const handle of this.#handlers.get(name) ?? []) handle(text);
  }

  #send(): void {
    if (this.#sending !== null || this.#client === null || this.#queue.length === 0) return;
    this.#sending = this.#sendAll(this.#client).finally(() => {
      this.#sending = null;
      this.#send();
    });
  }

  async #sendAll(client: pg.Client): Promise<void> {
    while (this.#queue.length > 0 && this.#client === client) {
      const parts = this.#queue.splice(0, MAX_PARTS_AT_ONCE);
      for (const { text } of parts) this.#queuedBytes -= Buffer.byteLength(text);
      if (this.#queue.length === 0) this.#queuedBytes = 0;
      try {
        await client.query(
          'select pg_notify(channel, part) from unnest($1::text[], $2::text[]) as it (channel, part)',
          [parts.map(({ channel }) => channel), parts.map(({ text }) => text)],
        );
      } catch {
        // Whatever it was, a fresh connection is the remedy; `end` follows and opens it.
        this.#lost(client);
        void ended(client);
      }
    }
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client || this.#stop.signal.aborted) return;
    this.#client = null;
    this.#log('bus-lost', {});
    void this.#reopen();
  }

  async #reopen(): Promise<void> {
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
      try {
        await sleep(waitMs, undefined, { signal: this.#stop.signal });
      } catch {
        return;
      }
      try {
        await this.open();
        if (this.#stop.signal.aborted) await this.close();
        return this.#log('bus-again', {});
      } catch (thrown) {
        this.#log('bus-unreachable', { error: messageOf(thrown) });
      }
    }
  }
}

/** A server that is gone without a word answers no goodbye. */
const ended = (client: pg.Client): Promise<void> =>
  Promise.race([
    client.end().catch(() => undefined),
    sleep(CLOSE_DEADLINE_MS, undefined, { ref: false }),
  ]);

/** Names are of `CHANNEL` behind a prefix: nothing to quote. */
const listen = (name: string): string => `listen ${name}`;
