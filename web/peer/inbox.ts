/**
 * The receiving half of a link: slices become messages, in the order in which these were begun.
 *
 * Sends nothing and holds no clock. Invariant: what is charged, for messages arriving, waiting for an earlier one, or
 * delivered and not released, never exceeds the window; every buffer is paid for before it is made.
 */
import { decodePeerBody } from '../../shared/peerBody.ts';
import type { MessageKey, PeerFrame } from '../../shared/peerFrame.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { ByteRanges } from './byteRanges.ts';
import { MESSAGE_OVERHEAD_BYTES, type IncomingMessage } from './linkTypes.ts';

type Slice = Extract<PeerFrame, { kind: 'tensors' }>;
type Cancel = Extract<PeerFrame, { kind: 'cancel' }>;

/** What the peer did that no correct one does. */
export interface Misbehaviour {
  readonly kind: 'misbehaved';
  readonly message: string;
}

/** A message in the making. */
interface Arrival {
  readonly key: MessageKey;
  readonly descriptorBytes: number;
  readonly total: number;
  readonly ranges: ByteRanges;
  /** Null as long as nothing came, and after it was cut short. */
  body: Uint8Array | null;
  /** The bytes that will come of it: fewer than `total` where its sender cancelled. */
  expected: number;
}

/** Messages begun before an earlier one is whole; the window bounds them too. */
const MAX_AHEAD = 65_536;

export const keyText = ({ epoch, stage, sequence }: MessageKey): string =>
  `${epoch}/${stage}/${sequence}`;

const sameKey = (a: MessageKey, b: MessageKey): boolean =>
  a.epoch === b.epoch && a.stage === b.stage && a.sequence === b.sequence;

const chargeOf = (total: number): number => total + MESSAGE_OVERHEAD_BYTES;

export class Inbox {
  readonly #windowBytes: number;
  readonly #arrivals = new Map<number, Arrival>();
  /** Charges of messages that were delivered, by key, oldest first. */
  readonly #held = new Map<string, number[]>();
  #charged = 0;
  #next = 0;
  #receivedBytes = 0;
  /** Freed by cancelled messages and not granted again yet. */
  #freed = 0;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Something has begun to arrive and is not whole. */
  get isArriving(): boolean {
    return this.#arrivals.size > 0;
  }

  /** Bytes of its message that have come. */
  takeSlice(slice: Slice): Result<number, Misbehaviour> {
    const { message, offset, payload } = slice;
    const known = this.#arrivals.get(message);
    const arrival = known === undefined ? this.#begin(message, slice, slice.total) : ok(known);
    if (!arrival.ok) return arrival;
    const { value } = arrival;
    if (!sameKey(value.key, slice) || value.total !== slice.total) {
      return misbehaved(`two slices of message ${message} disagree about it`);
    }
    if (![slice.descriptorBytes, UNKNOWN].includes(value.descriptorBytes)) {
      return misbehaved(`two slices of message ${message} disagree about its descriptor`);
    }
    const end = offset + payload.byteLength;
    if (end > value.expected || !value.ranges.add(offset, end)) {
      return misbehaved(`bytes ${offset} to ${end} of message ${message} came twice or too late`);
    }
    this.#receivedBytes += payload.byteLength;
    if (value.expected < value.total) this.#freeIfCut(value);
    else if (payload.byteLength === value.total) value.body = alignedOwn(payload);
    else {
      value.body ??= new Uint8Array(value.total);
      value.body.set(payload, offset);
    }
    return ok(value.ranges.bytes);
  }

  /** The sender of a message cut it short. */
  takeCut(cut: Cancel): Result<null, Misbehaviour> {
    const known = this.#arrivals.get(cut.message);
    const begun = { ...cut, descriptorBytes: UNKNOWN };
    const arrival = known === undefined ? this.#begin(cut.message, begun, cut.total) : ok(known);
    if (!arrival.ok) return arrival;
    const { value } = arrival;
    const agrees = sameKey(value.key, cut) && value.total === cut.total;
    const isCut = value.expected < value.total;
    if (!agrees || isCut || cut.sent >= value.total || cut.sent < value.ranges.end) {
      return misbehaved(`message ${cut.message} was cut short where it cannot be`);
    }
    value.body = null;
    value.expected = cut.sent;
    this.#freeIfCut(value);
    return ok(null);
  }

  /** The next message in order, if it is whole. */
  takeWhole(): Result<IncomingMessage | null, Misbehaviour> {
    for (;;) {
      const arrival = this.#arrivals.get(this.#next);
      if (arrival === undefined || arrival.ranges.bytes < arrival.expected) return ok(null);
      this.#arrivals.delete(this.#next);
      this.#next += 1;
      // One that was cut short only kept its place.
      if (arrival.body !== null) return this.#deliver(arrival, arrival.body);
    }
  }

  #deliver(
    { key, total, descriptorBytes }: Arrival,
    body: Uint8Array,
  ): Result<IncomingMessage, Misbehaviour> {
    const content = decodePeerBody(body, descriptorBytes);
    if (!content.ok) {
      const { expected, came } = content.error;
      return misbehaved(`a message's body: expected ${expected}, came ${came}`);
    }
    const text = keyText(key);
    const charges = this.#held.get(text);
    if (charges === undefined) this.#held.set(text, [chargeOf(total)]);
    else charges.push(chargeOf(total));
    return ok({ ...key, ...content.value, buffer: body.buffer as ArrayBuffer });
  }

  /** The bytes that may be granted again for it; 0 where no such message is held. */
  release(key: MessageKey): number {
    const text = keyText(key);
    const charges = this.#held.get(text);
    const charge = charges?.shift();
    if (charge === undefined) return 0;
    if (charges!.length === 0) this.#held.delete(text);
    this.#charged -= charge;
    return charge;
  }

  /** The bytes to grant again for messages that were cut short; counted once. */
  takeFreed(): number {
    const freed = this.#freed;
    this.#freed = 0;
    this.#charged -= freed;
    return freed;
  }

  #begin(
    message: number,
    { epoch, stage, sequence, descriptorBytes }: MessageKey & { descriptorBytes: number },
    total: number,
  ): Result<Arrival, Misbehaviour> {
    if (message < this.#next) return misbehaved(`a slice of message ${message}, which is over`);
    if (message >= this.#next + MAX_AHEAD) {
      return misbehaved(`message ${message} while ${this.#next} is awaited`);
    }
    const free = this.#windowBytes - this.#charged;
    if (chargeOf(total) > free) {
      return misbehaved(`a message of ${total} bytes where ${free} were granted`);
    }
    this.#charged += chargeOf(total);
    const key = { epoch, stage, sequence };
    const ranges = new ByteRanges();
    const arrival = { key, descriptorBytes, total, ranges, body: null, expected: total };
    this.#arrivals.set(message, arrival);
    return ok(arrival);
  }

  /** A message that was cut short is over when all that was sent of it has come, on whichever lane. */
  #freeIfCut({ ranges, expected, total }: Arrival): void {
    if (ranges.bytes === expected) this.#freed += chargeOf(total);
  }
}

/** A cut may overtake the slices on another lane: its arrival has no descriptor yet, and needs none. */
const UNKNOWN = -1;

const alignedOwn = (payload: Uint8Array): Uint8Array =>
  payload.byteOffset % 8 === 0 ? payload : new Uint8Array(payload);

const misbehaved = (message: string): Result<never, Misbehaviour> =>
  fail({ kind: 'misbehaved', message });
