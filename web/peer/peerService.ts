/**
 * The owner of tensor links: in the peer worker, in a Node process, or on a page whose browser cannot move channels.
 *
 * Makes no connections: channels are given to it, and relays are opened where it is told. Invariant: tensors that
 * came are handed over with their memory; nothing is kept of them here.
 */
import { assert, fail, ok } from '../../shared/result.ts';
import type { Clock } from './clock.ts';
import { DeferredByteChannel } from './deferredByteChannel.ts';
import type { LinkEnd, LinkEvents, SendFailure } from './linkTypes.ts';
import type { LinkNumber, LinkSpec, PeerCommand, PeerEvent } from './peerApi.ts';
import type { Movable } from './movable.ts';
import { RtcByteChannel } from './rtcByteChannel.ts';
import { SocketByteChannel, type AnySocket } from './socketByteChannel.ts';
import { TensorLink } from './tensorLink.ts';

export interface PeerServicePorts {
  readonly clock: Clock;
  readonly openSocket: (url: string) => AnySocket;
  readonly emit: (event: PeerEvent, transfer: Movable[]) => void;
}

interface Owned {
  readonly lanes: readonly DeferredByteChannel[];
  readonly channels: RtcByteChannel[];
  link: TensorLink | null;
}

const NO_LINK: SendFailure = { kind: 'link-ended', message: 'the link has ended' };

export class PeerService {
  readonly #ports: PeerServicePorts;
  readonly #links = new Map<LinkNumber, Owned>();
  readonly #sending = new Map<number, AbortController>();

  constructor(ports: PeerServicePorts) {
    this.#ports = ports;
  }

  handle(command: PeerCommand): void {
    switch (command.type) {
      case 'open':
        return this.#open(command.link, command.spec);
      case 'channel':
        return this.#join(command.link, command.lane, new RtcByteChannel(command.channel));
      case 'relay': {
        const socket = this.#ports.openSocket(command.url);
        const channel = new SocketByteChannel(socket, this.#ports.clock);
        return this.#join(command.link, command.lane, channel);
      }
      case 'most':
        for (const channel of this.#links.get(command.link)?.channels ?? []) {
          channel.maxMessageBytes = command.maxMessageBytes;
        }
        return;
      case 'send':
        void this.#send(command);
        return;
      case 'abort':
        this.#sending.get(command.call)?.abort();
        return;
      case 'ack':
      case 'release':
      case 'cancel':
        this.#links.get(command.link)?.link?.[command.type](command.key);
        return;
      case 'stats': {
        const stats = this.#links.get(command.link)?.link?.stats() ?? null;
        this.#emit({ type: 'stats', call: command.call, stats });
        return;
      }
      case 'close':
        return this.#close(command.link, command.end);
      default:
        command satisfies never;
    }
  }

  #open(number: LinkNumber, spec: LinkSpec): void {
    assert(!this.#links.has(number), 'PeerService: a link’s number is used once');
    const lanes = Array.from({ length: spec.lanes }, () => new DeferredByteChannel());
    const owned: Owned = { lanes, channels: [], link: null };
    this.#links.set(number, owned);
    const { hello, openDeadlineMs, limits } = spec;
    const options = { clock: this.#ports.clock, hello, openDeadlineMs, limits };
    void TensorLink.open(lanes, this.#eventsOf(number, spec.progress), options).then((opened) => {
      if (opened.ok) owned.link = opened.value;
      else this.#links.delete(number);
      const result = opened.ok ? ok(opened.value.peerHello) : opened;
      this.#emit({ type: 'opened', link: number, result });
      // Closed while it opened.
      if (opened.ok && !this.#links.has(number)) opened.value.close();
    });
  }

  #eventsOf(link: LinkNumber, progress: boolean): LinkEvents {
    return {
      onTensors: (message) => {
        this.#ports.emit({ type: 'tensors', link, message }, [message.buffer]);
      },
      onAck: (key) => this.#emit({ type: 'acked', link, key }),
      onCancel: (key) => this.#emit({ type: 'cancelled', link, key }),
      onProgress: ({ epoch, stage, sequence }, bytes, total) => {
        if (!progress) return;
        this.#emit({ type: 'arriving', link, key: { epoch, stage, sequence }, bytes, total });
      },
      onEnd: (end) => {
        this.#links.delete(link);
        this.#emit({ type: 'ended', link, end });
      },
    };
  }

  #join(number: LinkNumber, lane: number, channel: RtcByteChannel | SocketByteChannel): void {
    const owned = this.#links.get(number);
    const place = owned?.lanes[lane];
    // The link ended while the channel was on its way.
    if (owned === undefined || place === undefined || place.isJoined) return channel.close();
    if (channel instanceof RtcByteChannel) owned.channels.push(channel);
    place.join(channel);
  }

  async #send(command: Extract<PeerCommand, { type: 'send' }>): Promise<void> {
    const { call, message } = command;
    const link = this.#links.get(command.link)?.link ?? null;
    if (link === null) return this.#emit({ type: 'sent', call, result: fail(NO_LINK) });
    const abort = new AbortController();
    this.#sending.set(call, abort);
    const onProgress = (bytes: number, total: number): void => {
      this.#emit({ type: 'sending', call, bytes, total });
    };
    const options = command.progress ? { onProgress } : {};
    const result = await link.send(message, { signal: abort.signal, ...options });
    this.#sending.delete(call);
    this.#emit({ type: 'sent', call, result });
  }

  #close(number: LinkNumber, end: LinkEnd | undefined): void {
    const owned = this.#links.get(number);
    if (owned === undefined) return;
    this.#links.delete(number);
    if (owned.link !== null) owned.link.close(end);
    // Ends the opening too: a channel that closes is no channel.
    else for (const lane of owned.lanes) lane.close();
  }

  #emit(event: PeerEvent): void {
    this.#ports.emit(event, []);
  }
}
