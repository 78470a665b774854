/**
 * How coordinators talk to each other: texts on named channels, to all of them.
 *
 * A message is delivered at most once, to every subscriber of its channel, the publisher's own among them, and in
 * the same order everywhere. It may be lost where a connection is: who needs more numbers its messages. Every
 * implementation runs `conformance.bus.ts`.
 */
export interface Bus {
  /** Never throws and never waits. `channel`: see `CHANNEL`; text of at most `MAX_BUS_MESSAGE_BYTES`. */
  publish(channel: string, text: string): void;
  /** Resolves when messages come; the handler is never called from within `publish`. */
  subscribe(channel: string, handler: (text: string) => void): Promise<void>;
  /** Sends what was published, as far as it can; then nothing more comes. */
  close(): Promise<void>;
}

export const CHANNEL = /^[a-z][a-z_]{0,30}$/;
