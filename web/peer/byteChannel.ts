/**
 * What a tensor link needs of whatever carries its bytes: messages, whole and in order, and a measure of what has
 * not left yet.
 *
 * Types only. Knows nothing of frames. Every implementation passes byteChannel.conformance.ts.
 */
export interface ByteChannelHandlers {
  /** Once; nothing can be sent before it. */
  onOpen(): void;
  /** The handler owns the bytes. They begin at a multiple of 8 of their buffer. */
  onMessage(bytes: Uint8Array): void;
  /** What waited has left, down to the mark that `listen` named. */
  onDrain(): void;
  /** Once, whoever closed it, also where it never opened; nothing comes after it. */
  onClose(why: string): void;
}

export interface ByteChannel {
  /** The largest message that this end may send. May grow until the channel is open. */
  readonly maxMessageBytes: number;
  /** Bytes that were sent and have not left this machine. */
  readonly bufferedBytes: number;
  /** To be called in the task that made the channel, once. Handlers are called later, never from within. */
  listen(handlers: ByteChannelHandlers, drainedAtBytes: number): void;
  /** False where it is not open: the bytes were not taken. They may be reused at once. */
  send(bytes: Uint8Array): boolean;
  /** What was sent before still goes out where it can. */
  close(): void;
}
