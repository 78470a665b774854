/**
 * A bus between the coordinators of one process, and the bus of a coordinator that has no others.
 */
import { MAX_BUS_MESSAGE_BYTES } from '../../../shared/limits.ts';
import { assert } from '../../../shared/result.ts';
import { CHANNEL, type Bus } from './bus.ts';

/** What the buses of one process share. */
export class MemoryBusHub {
  readonly #handlers = new Set<{ channel: string; handle: (text: string) => void }>();

  connect(): Bus {
    const own = new Set<{ channel: string; handle: (text: string) => void }>();
    let isClosed = false;
    let delivered = Promise.resolve();
    return {
      publish: (channel, text) => {
        assert(CHANNEL.test(channel), `no channel: ${channel}`);
        assert(Buffer.byteLength(text) <= MAX_BUS_MESSAGE_BYTES, 'a message beyond the limit');
        if (isClosed) return;
        delivered = delivered.then(() => this.#deliver(channel, text));
      },
      subscribe: async (channel, handle) => {
        assert(CHANNEL.test(channel), `no channel: ${channel}`);
        const entry = { channel, handle };
        own.add(entry);
        this.#handlers.add(entry);
      },
      close: async () => {
        isClosed = true;
        await delivered;
        for (const entry of own) this.#handlers.delete(entry);
      },
    };
  }

  #deliver(channel: string, text: string): void {
    for (const entry of [...this.#handlers]) if (entry.channel === channel) entry.handle(text);
  }
}
