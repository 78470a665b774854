/**
 * Prometheus metrics, and the rate of verified items that the page shows.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { ProblemCode } from '../shared/protocol/problem.ts';
import type { Engine } from './engine/engine.ts';

const RATE_WINDOW_MS = 60_000;

export class Metrics {
  readonly registry = new Registry();
  readonly #settled: Counter;
  readonly #refused: Counter<'code'>;
  readonly #signals: Counter;
  readonly #relayedBytes: Counter;
  readonly #blobBytes: Counter;
  readonly #peerBytes: Counter;
  readonly #cutOff: Counter;
  readonly #now: () => number;
  /** Settled items of the last minute: when, how many. */
  readonly #recent: { atMs: number; items: number }[] = [];

  constructor(now: () => number) {
    this.#now = now;
    const registers = [this.registry];
    this.#settled = new Counter({
      name: 'idlewave_items_settled_total',
      help: 'Items whose shard has a canonical output',
      registers,
    });
    this.#refused = new Counter({
      name: 'idlewave_refused_total',
      help: 'Requests, link messages and upgrades refused, by problem code',
      labelNames: ['code'],
      registers,
    });
    this.#signals = new Counter({
      name: 'idlewave_signals_forwarded_total',
      help: 'Signalling messages of peers that were passed on',
      registers,
    });
    this.#relayedBytes = new Counter({
      name: 'idlewave_relayed_bytes_total',
      help: 'Bytes of peers that were relayed, because no direct path exists between them',
      registers,
    });
    this.#blobBytes = new Counter({
      name: 'idlewave_blob_sent_bytes_total',
      help: 'Bytes of blobs that this coordinator sent',
      registers,
    });
    this.#peerBytes = new Counter({
      name: 'idlewave_blob_peer_bytes_total',
      help: 'Bytes of blobs that hosts say they got from each other instead',
      registers,
    });
    this.#cutOff = new Counter({
      name: 'idlewave_swarm_cut_offs_total',
      help: 'Times that a contributor was cut off from swarms for wrong chunks',
      registers,
    });
  }

  /** Counts what is at work, where this coordinator leads. */
  observe(engine: Engine): void {
    const gauge = this.#gauge.bind(this);
    gauge('idlewave_hosts', 'Connected hosts', () => engine.hosts.count);
    gauge('idlewave_jobs_running', 'Running jobs', () => engine.work.jobs.size);
    gauge('idlewave_leases', 'Assignments under a lease', () => engine.work.leased.size);
    gauge(
      'idlewave_classes_quarantined',
      'Engine classes that are given nothing more of a program: see GET /v1/engine-classes',
      () => engine.classes.quarantinedCount,
    );
    gauge(
      'idlewave_calibration_alarms',
      'Pairs of engine classes whose noise grew beyond what may be granted: see GET /v1/calibrations',
      () => engine.calibrations.alarms,
    );
    gauge(
      'idlewave_backlog_bytes',
      'Reports and messages waiting for a transaction',
      () => engine.backlogBytes,
    );
  }

  /** The gauge of peers, where the coordinator serves any. */
  countPeers(read: () => number): void {
    this.#gauge('idlewave_peers_attached', 'Peers whose signalling socket is open', read);
  }

  /** Likewise, of a member: what it forwards. */
  countForwarded(read: () => number): void {
    this.#gauge(
      'idlewave_forwarded_open',
      'Requests and sockets that are being forwarded to the coordinator that leads',
      read,
    );
  }

  /** The gauge of swarms, where hosts share blobs. */
  countSwarmMembers(read: () => number): void {
    this.#gauge('idlewave_swarm_members', 'Hosts that share a large blob, once for each', read);
  }

  blobSent(bytes: number): void {
    this.#blobBytes.inc(bytes);
  }

  chunksPassed(bytes: number): void {
    this.#peerBytes.inc(bytes);
  }

  cutOff(): void {
    this.#cutOff.inc();
  }

  signalForwarded(): void {
    this.#signals.inc();
  }

  relayed(bytes: number): void {
    this.#relayedBytes.inc(bytes);
  }

  settled(items: number): void {
    if (items <= 0) return;
    this.#settled.inc(items);
    this.#recent.push({ atMs: this.#now(), items });
    this.#forgetOld();
  }

  refused(code: ProblemCode): void {
    this.#refused.inc({ code });
  }

  /** Verified items a second, over the last minute. */
  itemsPerSecond(): number {
    this.#forgetOld();
    const items = this.#recent.reduce((sum, entry) => sum + entry.items, 0);
    return items / (RATE_WINDOW_MS / 1000);
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  #forgetOld(): void {
    const oldest = this.#now() - RATE_WINDOW_MS;
    while (this.#recent.length > 0 && this.#recent[0]!.atMs < oldest) this.#recent.shift();
  }
}
