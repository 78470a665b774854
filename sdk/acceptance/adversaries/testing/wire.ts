/**
 * A host's link with somebody's hands on it: what it sends may be changed, held back or added to, what comes is read.
 *
 * It is Node's own link below; the coordinator sees nothing but messages.
 */
import { decodeFrame, encodeFrame } from '../../../../shared/frame.ts';
import { assignSchema, coordinatorMessageSchema } from '../../../../shared/protocol/link.ts';
import { parseJson } from '../../../../shared/protocol/parse.ts';
import { assert } from '../../../../shared/result.ts';
import { connectNodeLink } from '../../../../web/volunteer/nodeSocket.ts';
import type { ConnectLink, LinkSocket } from '../../../../web/volunteer/ports.ts';

export type Message = string | Uint8Array;

export class Wire {
  /** Ids of the assignments that came, in order. */
  readonly assignments: string[] = [];
  /** Codes of the refusals that came, in order. */
  readonly refusals: string[] = [];
  /** How often a link of this host ended. */
  closes = 0;
  /** What is sent instead of a message; null sends nothing. */
  change: (message: Message) => Message | null = (message) => message;
  /** The host does not look whether its own values are finite, as it is asked to. */
  isCareless = false;
  #socket: LinkSocket | undefined;

  readonly connect: ConnectLink = (url, handlers) => {
    const socket = connectNodeLink(url, {
      onText: (text) => {
        const message = parseJson(text, coordinatorMessageSchema);
        if (message.ok && message.value.type === 'refused') {
          this.refusals.push(message.value.problem.code);
        }
        handlers.onText(text);
      },
      onBinary: (bytes) => {
        const frame = decodeFrame(bytes);
        const message = frame.ok ? parseJson(frame.value.control, assignSchema) : frame;
        if (message.ok) this.assignments.push(message.value.assignment);
        if (!this.isCareless || !frame.ok || !message.ok) return handlers.onBinary(bytes);
        const careless = { ...message.value, nonFinite: 'data' };
        handlers.onBinary(encodeFrame(careless, frame.value.tensors));
      },
      onClose: () => {
        this.closes += 1;
        handlers.onClose();
      },
    });
    this.#socket = socket;
    return {
      send: (message) => {
        const changed = this.change(message);
        return changed === null || socket.send(changed);
      },
      close: () => {
        socket.close();
      },
    };
  };

  /** Beside what the host says itself. */
  send(message: Message): void {
    assert(this.#socket !== undefined, 'the link has not been opened');
    this.#socket.send(message);
  }
}

/** The type of a text message; undefined for frames. */
export const typeOf = (message: Message): string | undefined =>
  typeof message === 'string' ? (JSON.parse(message) as { type?: string }).type : undefined;
