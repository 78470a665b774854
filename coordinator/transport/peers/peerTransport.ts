/**
 * All that lets two hosts of one route connect, as one object: the directory of peers, signalling, the relay, and
 * the servers that peers are told. The engine says who may meet; nothing here decides it.
 *
 * Signalling is bridged between the coordinators of one bus. The relay is not: NOTIFY is no pipe for tensors. Members
 * forward it to the coordinator that leads, so both ends of a lane meet there.
 */
import { randomBytes } from 'node:crypto';
import type { PeerId, RandomBytes } from '../../../shared/ids.ts';
import type { ProblemCode } from '../../../shared/protocol/problem.ts';
import type { Callers } from '../members/callers.ts';
import type { UpgradeRouter } from '../upgrades.ts';
import type { Bus } from './bus.ts';
import { DirectorySync } from './directorySync.ts';
import { iceServersFor, type IceConfig, type IceServers } from './iceServers.ts';
import { PeerDirectory } from './peerDirectory.ts';
import { PeerServer } from './peerServer.ts';
import { Relay } from './relay.ts';
import type { OnBytes } from './relayEnd.ts';
import { Signalling } from './signalling.ts';

/** EXPIRE comes at most this much later than it could. */
const SWEEP_INTERVAL_MS = 500;
const NODE_BYTES = 16;

export interface PeerTransportDeps {
  readonly bus: Bus;
  readonly ice: IceConfig;
  readonly callers: Pick<Callers, 'of'>;
  /** As `PeerServerDeps` has it; no where absent. */
  readonly mayComeLater?: () => boolean;
  readonly now: () => number;
  readonly random?: RandomBytes;
  readonly metrics: {
    refused(code: ProblemCode): void;
    signalForwarded(): void;
    relayed(bytes: number): void;
  };
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

export class PeerTransport {
  readonly directory: PeerDirectory;
  /** For whoever accounts for what the coordinator carries; called for every relayed message. */
  onRelayed: OnBytes = () => {};
  readonly #deps: PeerTransportDeps;
  readonly #signalling: Signalling;
  readonly #sync: DirectorySync;
  readonly #server: PeerServer;
  readonly #relay: Relay;
  #sweeps: NodeJS.Timeout | null = null;

  constructor(deps: PeerTransportDeps) {
    const { bus, callers, now, random = randomBytes, metrics, log } = deps;
    const { mayComeLater = () => false } = deps;
    const onRefused = (code: ProblemCode) => metrics.refused(code);
    this.#deps = deps;
    const directory = new PeerDirectory(Buffer.from(random(NODE_BYTES)).toString('hex'), random);
    this.directory = directory;
    // Before all other listeners: what they carry to other coordinators follows what these are told.
    this.#sync = new DirectorySync({
      directory,
      bus,
      now,
      log,
      onCarried: (signal) => this.#signalling.deliver(signal),
    });
    this.#signalling = new Signalling({
      directory,
      now,
      carry: (node, signal) => this.#sync.carry(node, signal),
      onForwarded: () => metrics.signalForwarded(),
      onRefused: ({ code }) => onRefused(code),
    });
    const signalling = this.#signalling;
    this.#server = new PeerServer({ directory, signalling, callers, mayComeLater, onRefused });
    const onBytes: OnBytes = (from, to, bytes) => {
      metrics.relayed(bytes);
      this.onRelayed(from, to, bytes);
    };
    this.#relay = new Relay({ directory, callers, onBytes, onRefused });
  }

  /** Resolves when other coordinators are heard. */
  async start(): Promise<void> {
    await this.#sync.start();
    this.#sweeps = setInterval(() => {
      this.#signalling.sweep();
      this.#sync.tick();
    }, SWEEP_INTERVAL_MS);
  }

  get attachedCount(): number {
    return this.#signalling.attachedCount;
  }

  iceServersFor(id: PeerId): IceServers {
    return iceServersFor(this.#deps.ice, id, this.#deps.now());
  }

  attach(router: UpgradeRouter): void {
    this.attachSignalling(router);
    this.attachRelay(router);
  }

  attachSignalling(router: UpgradeRouter): void {
    this.#server.attach(router);
  }

  attachRelay(router: UpgradeRouter): void {
    this.#relay.attach(router);
  }

  async close(): Promise<void> {
    if (this.#sweeps !== null) clearInterval(this.#sweeps);
    this.#server.close();
    this.#relay.close();
    this.#sync.close();
    await this.#deps.bus.close();
  }
}
