/**
 * What is used of a browser's data channel, and what may move to another thread: in our own words, because the same code
 * runs in Node processes, which have neither. Types only.
 */
export interface DataChannel {
  readonly readyState: string;
  readonly bufferedAmount: number;
  binaryType: string;
  bufferedAmountLowThreshold: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'open' | 'close' | 'bufferedamountlow', listener: () => void): void;
}

/** An ArrayBuffer, or a data channel that was just made. */
export type Movable = object;
