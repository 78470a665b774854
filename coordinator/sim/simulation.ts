/**
 * The whole network on a virtual clock: the real engine, the real link protocol and the memory store, with
 * links that lose, double and delay messages, hosts that lie or vanish, and a coordinator that restarts.
 *
 * Everything follows from the seed. `report.wrong` is counted against the kernel's own reference.
 */
import { compareOutputs } from '../../shared/acceptance.ts';
import { makeJobId, type BlobDigest, type JobId } from '../../shared/ids.ts';
import { assert, ok } from '../../shared/result.ts';
import { decodeTensors, encodeTensors } from '../../shared/safetensors.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { checkProducts } from '../check/checkProducts.ts';
import { itemsOf } from '../core/lots.ts';
import { jobPrice, shardsOf } from '../core/plan.ts';
import { opinionsOf } from '../core/replicate.ts';
import { NO_COUNTS, type Job } from '../core/state.ts';
import { digestOf } from '../digest.ts';
import { NO_STAGES } from '../engine/testing/noStages.ts';
import { Engine } from '../engine/engine.ts';
import { JobInputs } from '../jobs/jobInputs.ts';
import { memoryBlobs } from '../store/memoryBlobs.ts';
import { openMemoryStore } from '../store/memoryStore.ts';
import type { Store } from '../store/store.ts';
import { HostConnection, type LinkDeps } from '../transport/link/hostConnection.ts';
import { contributorIdOf } from '../transport/link/proof.ts';
import { OPERATOR_KEY } from '../transport/keys.ts';
import { Rng } from './rng.ts';
import { SimHost, type Behaviour } from './simHost.ts';
import { DEFAULT_SIM, type SimOptions, type SimOrder } from './simOptions.ts';
import { kernelOf, reference } from './simProgram.ts';
import { VirtualClock } from './virtualClock.ts';

export interface SimReport {
  readonly items: number;
  readonly settled: number;
  readonly failed: number;
  /** Settled items whose output is not the reference's. */
  readonly wrong: number;
  readonly checkOverhead: number;
  readonly microCreditsHonest: string;
  readonly microCreditsOthers: string;
  /** Every credit entry, once a (shard, contributor). */
  readonly creditEntries: number;
  readonly virtualSeconds: number;
  readonly states: Readonly<Record<string, number>>;
}

const ORIGIN = 'http://sim.invalid';
const SWEEP_MS = 500;
const RECONNECT_MS = 1_000;
const LATENCY_MS = 20;
/** Virtual time after which a simulation that has not ended is given up. */
const GIVE_UP_MS = 4 * 3_600_000;

const MS_PER_ITEM = 40;

export class Simulation {
  readonly clock = new VirtualClock();
  readonly rng: Rng;
  readonly hosts: { host: SimHost; connection: HostConnection | null }[] = [];
  readonly jobs: JobId[] = [];
  readonly options: SimOptions;
  #store!: Store;
  #engine!: Engine;
  #deps!: LinkDeps;
  readonly #blobs = memoryBlobs();
  readonly #inputs = new JobInputs(this.#blobs);

  constructor(options: Partial<SimOptions> = {}) {
    this.options = { ...DEFAULT_SIM, ...options };
    this.rng = new Rng(this.options.seed);
  }

  get engine(): Engine {
    return this.#engine;
  }

  get store(): Store {
    return this.#store;
  }

  async start(): Promise<void> {
    this.#store = await openMemoryStore();
    await this.#startCoordinator();
    for (const [i, order] of this.#orders().entries()) await this.#post(i, order);
    for (let i = 0; i < this.options.hosts; i++) this.#addHost(i);
    const { restarts } = this.options;
    for (let i = 0; i < restarts; i++) {
      this.clock.after(1_000 + this.rng.below(20_000), () => this.#restart());
    }
    this.#sweepForever();
  }

  /** Runs until every job has ended or nothing more can happen; `each` looks after every event. */
  async run(
    each: (simulation: Simulation) => void | Promise<void> = () => undefined,
  ): Promise<void> {
    while (
      this.#engine.work.jobs.size > 0 &&
      this.clock.nowMs - VirtualClock.START_MS < GIVE_UP_MS
    ) {
      if (!(await this.clock.step())) return;
      await this.#settleDown();
      await each(this);
    }
    // Verdicts of the last shards are still on their way.
    for (let i = 0; i < this.options.hosts * 4; i++) await this.clock.step();
    await this.#settleDown();
  }

  /** Runs for a stretch of virtual time. */
  async runFor(ms: number): Promise<void> {
    const endMs = this.clock.nowMs + ms;
    while (this.clock.nowMs < endMs && (await this.clock.step())) await this.#settleDown();
  }

  async report(): Promise<SimReport> {
    let settled = 0;
    let failed = 0;
    let wrong = 0;
    let overhead = 0;
    const states: Record<string, number> = {};
    for (const id of this.jobs) {
      const job = await this.#store.job(id);
      assert(job !== null, 'a posted job is in the store');
      settled += job.counts.settledItems;
      failed += job.counts.failedItems;
      overhead +=
        job.counts.hostExecutions + job.counts.refereeExecutions - job.counts.settledItems;
      states[job.state.kind] = (states[job.state.kind] ?? 0) + 1;
      wrong += await this.#wrongItems(job);
    }
    const credit = await this.#credits();
    return {
      items: this.options.jobs * this.options.itemsPerJob,
      settled,
      failed,
      wrong,
      checkOverhead: settled === 0 ? 0 : overhead / settled,
      microCreditsHonest: credit.honest.toString(),
      microCreditsOthers: credit.others.toString(),
      creditEntries: credit.entries,
      virtualSeconds: (this.clock.nowMs - VirtualClock.START_MS) / 1000,
      states,
    };
  }

  async #startCoordinator(): Promise<void> {
    this.#engine = new Engine({
      store: this.#store,
      compute: async (job, items) => ok(await this.#reference(job, items)),
      checker: { check: (job, items, outputs) => this.#check(job, items, outputs) },
      now: () => this.clock.nowMs,
      random: this.rng.bytes,
      stages: NO_STAGES,
      onFatal: (error) => {
        throw error;
      },
    });
    this.#deps = {
      engine: this.#engine,
      store: this.#store,
      inputs: this.#inputs,
      swarms: null,
      cohorts: 'auto',
      secret: '',
      now: () => this.clock.nowMs,
      metrics: { refused: () => undefined },
      byeTokens: new Map(),
      log: () => undefined,
    };
    await this.#engine.start();
  }

  #orders(): readonly SimOrder[] {
    const { jobs, itemsPerJob: items, orders } = this.options;
    return orders.length > 0
      ? orders
      : Array.from({ length: jobs }, () => ({ author: OPERATOR_KEY, items }));
  }

  async #post(index: number, { items, ...offered }: SimOrder): Promise<void> {
    const { program } = this.options;
    const { entry, params } = kernelOf(program);
    const { manifest } = entry;
    const { itemsPerShard, verification } = this.options;
    const cut = { items, itemsPerShard, shards: Math.ceil(items / itemsPerShard) };
    const flopsPerItem = manifest.flopsPerItem(params) * 1e6;
    const job: Job = {
      id: makeJobId(this.rng.bytes),
      ...offered,
      name: `job ${index}`,
      program: program.program,
      stacked: await this.#putInputs(program.stacked(items, this.rng)),
      constants: null,
      ...cut,
      permutationKey: Buffer.from(this.rng.bytes(32)).toString('hex'),
      verification,
      asked: verification,
      why: 'the simulation says so',
      acceptance: manifest.acceptance,
      facts: {
        inputs: manifest.inputs(params),
        outputs: manifest.outputs(params),
        feeds: {},
        flopsPerItem,
        flopsFrom: 'manifest',
        refereeMsPerItem: MS_PER_ITEM,
        programBytes: 0,
      },
      priceMicroCredits: jobPrice(cut, flopsPerItem, opinionsOf(verification)),
      createdAtMs: this.clock.nowMs,
      state: { kind: 'running' },
      counts: NO_COUNTS,
    };
    const shards = shardsOf(job);
    const specDigest = '0'.repeat(64) as never;
    const posting = { job, shards, idempotencyKey: null, specDigest, isPrepaid: false };
    await this.#engine.payments.post(posting);
    this.jobs.push(job.id);
  }

  async #putInputs(stacked: NamedTensors | null): Promise<BlobDigest | null> {
    if (stacked === null) return null;
    const bytes = encodeTensors(stacked);
    const digest = digestOf(bytes);
    await this.#blobs.put(bytes, digest, bytes.byteLength);
    return digest;
  }

  async #reference(job: Job, items: readonly number[]): Promise<NamedTensors> {
    return reference(this.options.program, await this.#inputs.batch(job, items));
  }

  async #check(job: Job, items: readonly number[], outputs: NamedTensors) {
    const { program } = this.options.program;
    const batch = await this.#inputs.batch(job, items);
    const random = (count: number) => Uint32Array.from({ length: count }, () => this.rng.u32());
    return checkProducts({ program, batch, outputs }, random);
  }

  #addHost(index: number): void {
    const { hosts, liars, failing, silent, subtle, aborting } = this.options;
    const place = index / hosts;
    const shares: readonly [Behaviour['kind'], number][] = [
      ['liar', liars],
      ['failing', failing],
      ['silent', silent],
      ['subtle', subtle],
      ['aborting', aborting],
    ];
    let end = 0;
    const kind = shares.find(([, share]) => place < (end += share))?.[0] ?? 'honest';
    const behaviour: Behaviour = { kind };
    const entry: { host: SimHost; connection: HostConnection | null } = {
      host: undefined as never,
      connection: null,
    };
    entry.host = new SimHost({
      name: `sim-${index}`,
      behaviour,
      msPerItem: this.options.paces[index] ?? MS_PER_ITEM * (0.5 + 2 * this.rng.next()),
      origin: ORIGIN,
      after: (ms, action) => this.clock.after(ms, action),
      send: (data) => this.#carry(entry, () => entry.connection?.receive(data)),
    });
    this.hosts.push(entry);
    this.clock.after(this.rng.below(100), () => this.#connect(entry));
  }

  #connect(entry: (typeof this.hosts)[number]): void {
    entry.connection?.closed();
    const connection: HostConnection = new HostConnection(
      {
        address: '127.0.0.1',
        origin: ORIGIN,
        send: (data) =>
          this.#carry(entry, () => {
            if (entry.connection === connection || entry.connection === null)
              entry.host.receive(data);
          }),
        close: () => this.#break(entry),
      },
      this.#deps,
    );
    entry.connection = connection;
  }

  /** A message on its way: late, and maybe lost (then the link breaks, as TCP would) or doubled. */
  #carry(entry: (typeof this.hosts)[number], deliver: () => unknown): void {
    if (this.rng.chance(this.options.loss)) return this.#break(entry);
    const copies = this.rng.chance(this.options.doubling) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.clock.after(LATENCY_MS, async () => void (await deliver()));
    }
  }

  #break(entry: (typeof this.hosts)[number]): void {
    const broken = entry.connection;
    if (broken === null) return;
    entry.connection = null;
    broken.closed();
    this.clock.after(RECONNECT_MS * (0.5 + this.rng.next()), () => this.#connect(entry));
  }

  /** As after a kill: what the engine held in memory is gone, what was committed stays. */
  async #restart(): Promise<void> {
    await this.#engine.stop();
    for (const entry of this.hosts) this.#break(entry);
    await this.#startCoordinator();
  }

  #sweepForever(): void {
    this.#engine.sweep();
    this.clock.after(SWEEP_MS, () => this.#sweepForever());
  }

  /** Lets everything asynchronous of this instant finish before the clock moves. */
  async #settleDown(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#engine.idle();
    }
  }

  async #wrongItems(job: Job): Promise<number> {
    const itemsOfShard = itemsOf(job);
    let wrong = 0;
    for (const { shard } of await this.#store.endedShards(job.id, 0, job.shards)) {
      if (shard.state.kind !== 'settled') continue;
      const bytes = await this.#store.output(shard.id, shard.state.output);
      assert(bytes !== null, 'a canonical output is there');
      const tensors = decodeTensors(bytes);
      assert(tensors.ok, 'a canonical output can be read');
      const truth = await this.#reference(job, itemsOfShard(shard));
      const comparison = compareOutputs(tensors.value, truth, shard.items, job.acceptance);
      if (comparison.kind === 'disagree') wrong += comparison.items.length;
    }
    return wrong;
  }

  async #credits() {
    let honest = 0n;
    let others = 0n;
    let entries = 0;
    for (const { host } of this.hosts) {
      const id = contributorIdOf(host.publicKey);
      const { rows } = await this.#store.credits(id, null, 100_000);
      entries += rows.length;
      const sum = rows.reduce((total, { microCredits }) => total + microCredits, 0n);
      if (host.options.behaviour.kind === 'honest') honest += sum;
      else others += sum;
    }
    return { honest, others, entries };
  }
}
