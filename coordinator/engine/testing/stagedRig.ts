/**
 * Routes played by hand: an engine with one staged job, and hosts that compute their stages when they are told to, over
 * a network that loses nothing (`RigNetwork`).
 *
 * A stage s of the model maps x to 2 x + s + 1; item i enters as i. What goes wrong is a host's behaviour.
 */
import { boundaryRoot, boundaryTree, rowsOf } from '../../../shared/stage.ts';
import { commitmentOfRoot } from '../../../shared/commitment.ts';
import type { AssignmentId, BlobDigest, PeerId } from '../../../shared/ids.ts';
import { merkleRoot } from '../../../shared/merkle.ts';
import { assert, ok } from '../../../shared/result.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import { jobOfStage } from '../../core/stages.ts';
import type { Job, ProgramFacts } from '../../core/state.ts';
import { digest } from '../../core/testing/work.ts';
import { digestOf } from '../../digest.ts';
import type { ConnectedHost } from '../hosts.ts';
import type { PeerDirectory } from '../routes/route.ts';
import { EngineRig, type RigHost } from './engineRig.ts';
import { RigNetwork } from './rigNetwork.ts';

/** What a host does to a row of its outputs. */
export type Behaviour = (value: number, row: number, stage: number) => number;

export interface StagedHost extends RigHost {
  behaviour: Behaviour;
  /** It says it received other rows than it did. */
  misreportsInputs: boolean;
  /** It computes from other rows than it received, and says so. */
  swapsInputs: boolean;
  /** Nothing that it sends arrives. */
  isMute: boolean;
  /** It computes nothing for now. */
  isStill: boolean;
  readonly done: Set<AssignmentId>;
}

const HONEST: Behaviour = (value) => value;
const STAGE_FLOPS = 1e6;

/** Who was admitted, and who may meet whom. */
export class RecordingDirectory implements PeerDirectory {
  readonly admitted = new Set<PeerId>();
  readonly pairs = new Map<string, number>();
  #next = 0;

  admit() {
    const peer = `peer_${this.#next++}` as PeerId;
    this.admitted.add(peer);
    return { peer, token: `secret of ${peer}` };
  }
  introduce(a: PeerId, b: PeerId): void {
    this.pairs.set(`${a} ${b}`, (this.pairs.get(`${a} ${b}`) ?? 0) + 1);
  }
  part(a: PeerId, b: PeerId): void {
    const left = (this.pairs.get(`${a} ${b}`) ?? 0) - 1;
    assert(left >= 0, 'parted more often than introduced');
    if (left === 0) this.pairs.delete(`${a} ${b}`);
    else this.pairs.set(`${a} ${b}`, left);
  }
  revoke(peer: PeerId): void {
    assert(this.admitted.delete(peer), 'revoked a peer that was not admitted');
  }
  iceServersFor() {
    return [];
  }
  /** It is memory of the coordinator. */
  forgetAll(): void {
    this.admitted.clear();
    this.pairs.clear();
  }
}

const inputName = (stage: number): string => (stage === 0 ? 'x' : `h${stage}`);
const shardIndexOf = ({ shard }: { readonly shard: string }): number =>
  Number(shard.split('.').at(-1));
const valuesIn = (tensors: NamedTensors, name: string): number[] =>
  Array.from(valuesOf(tensors[name]!), Number);
const column = (name: string, values: readonly number[]): NamedTensors => ({
  [name]: tensorOf('F32', [values.length], Float32Array.from(values)),
});

export class StagedRig {
  readonly directory = new RecordingDirectory();
  readonly rig: EngineRig;
  readonly hosts: StagedHost[] = [];
  readonly stages: number;
  /** What every host says that a stage of a shard took. */
  computeMs = 1;
  job!: Job;
  readonly #network = new RigNetwork();
  readonly #inputs = new Map<AssignmentId, NamedTensors>();
  readonly #outputs = new Map<AssignmentId, NamedTensors>();

  private constructor(stages: number) {
    this.stages = stages;
    this.rig = new EngineRig({
      compute: async (_job, items) => ok(this.#whole(items)),
      stages: {
        directory: this.directory,
        computeStage: async ({ program }, stacked) => {
          assert(program.kind === 'onnx', 'computeStage: one stage');
          const stage = this.#models.indexOf(program.model);
          return ok(this.compute(stage, stacked));
        },
        inputRows: async (_job, items) => column('x', items),
      },
    });
  }

  static async started(
    stages: number,
    changes: Partial<Job> = {},
    checks = 16,
  ): Promise<StagedRig> {
    const staged = new StagedRig(stages);
    await staged.rig.start();
    const facts: ProgramFacts[] = Array.from({ length: stages }, (_, stage) => ({
      inputs: { [inputName(stage)]: { dtype: 'F32', dims: [] } },
      outputs: { [inputName(stage + 1)]: { dtype: 'F32', dims: [] } },
      feeds: {},
      flopsPerItem: STAGE_FLOPS,
      flopsFrom: 'graph',
      refereeMsPerItem: 1,
      programBytes: 100,
    }));
    staged.job = await staged.rig.post({
      program: { kind: 'staged', stages: staged.#models, itemsPerRun: 1 },
      verification: { kind: 'stages', stages, checks },
      acceptance: { kind: 'exact', nonFinite: 'refuse' },
      items: 80,
      itemsPerShard: 8,
      shards: 10,
      facts: {
        ...facts[0]!,
        outputs: facts.at(-1)!.outputs,
        flopsPerItem: STAGE_FLOPS * stages,
        refereeMsPerItem: stages,
        stages: facts,
      },
      ...changes,
    });
    return staged;
  }

  get #models(): BlobDigest[] {
    return Array.from({ length: this.stages }, (_, stage) => digest(`stage ${stage}`));
  }

  /** Hosts that come at once. */
  async joinAll(...names: readonly string[]): Promise<StagedHost[]> {
    const hosts: StagedHost[] = [];
    for (const who of names) hosts.push(await this.join(who, HONEST, {}, 0));
    for (const { host } of hosts) this.rig.engine.want(host, 2);
    await this.rig.quiet();
    return hosts;
  }

  /** A host that takes a place as soon as it may. */
  async join(
    who: string,
    behaviour: Behaviour = HONEST,
    changes: Partial<ConnectedHost> = {},
    slots = 2,
  ): Promise<StagedHost> {
    const capabilities = {
      engines: ['wasm' as const],
      adapter: 'a',
      memoryBytes: 2 ** 32,
      peers: ['webrtc' as const],
    };
    const worker = await this.rig.worker(who, slots, { capabilities, ...changes });
    const state = {
      behaviour,
      misreportsInputs: false,
      swapsInputs: false,
      isMute: false,
      isStill: false,
      done: new Set<AssignmentId>(),
    };
    const host: StagedHost = { ...worker, ...state };
    this.hosts.push(host);
    return host;
  }

  async leave(host: StagedHost): Promise<void> {
    this.#drop(host);
    this.rig.engine.disconnect(host.host);
    await this.rig.quiet();
  }

  /** The same device over a new link, before its old one was noticed to be gone: it has nothing of before. */
  async reconnect(host: StagedHost): Promise<StagedHost> {
    this.#drop(host);
    return this.join(host.contributor.id.slice(2), host.behaviour);
  }

  /** As after a kill of the coordinator: every host is gone, and comes back by itself. */
  async restart(): Promise<void> {
    for (const host of [...this.hosts]) this.#drop(host);
    this.directory.forgetAll();
    await this.rig.restart();
  }

  #drop(host: StagedHost): void {
    this.hosts.splice(this.hosts.indexOf(host), 1);
    this.#network.leave(host.link);
  }

  /** The device fails at the next stage that it could compute; false where it has none. */
  async fail(host: StagedHost): Promise<boolean> {
    const id = this.#useUp(host);
    if (id !== undefined) this.rig.engine.computeError(host.host, id, 'run-failed', 'it did');
    await this.rig.quiet();
    return id !== undefined;
  }

  /** The device gives back the next stage that it could compute, and goes on with others. */
  async giveBack(host: StagedHost): Promise<boolean> {
    const id = this.#useUp(host);
    if (id !== undefined) this.rig.engine.returnLeases(host.host, [id], 'not-capable');
    await this.rig.quiet();
    return id !== undefined;
  }

  /** What an assignment is computed from is gone with it. */
  #useUp(host: StagedHost): AssignmentId | undefined {
    this.#network.follow(this.hosts.map(({ link }) => link));
    const held = new Set(this.held(host));
    for (const { assignment, stage } of host.link.assigned) {
      if (!held.has(assignment.id) || stage === undefined) continue;
      const isReady = stage.index === 0 || this.#network.take(host.link, stage) !== null;
      if (!isReady) continue;
      host.done.add(assignment.id);
      return assignment.id;
    }
    return undefined;
  }

  /** Assignments that the host holds and has not computed. */
  held({ host, link, done }: StagedHost): AssignmentId[] {
    return link.assigned
      .map(({ assignment }) => assignment.id)
      .filter((id) => host.leases.has(id) && !done.has(id));
  }

  /** Everybody does what can be done now, `turns` times over. */
  async turn(turns = 1): Promise<void> {
    for (let i = 0; i < turns; i++) {
      this.#network.follow(this.hosts.map(({ link }) => link));
      for (const host of this.hosts) this.#work(host);
      await this.rig.quiet();
      for (const host of this.hosts) this.#report(host);
      await this.rig.quiet();
    }
  }

  /** Until the job has ended; the referee samples what is missing at the end. */
  async finish(): Promise<Job> {
    for (let i = 0; i < 200; i++) {
      await this.turn();
      await this.rig.sweep(10);
      const job = await this.rig.job(this.job.id);
      if (job.state.kind !== 'running') return job;
    }
    throw new Error('the job does not end');
  }

  /** Every settled item, by its number. */
  async results(): Promise<Map<number, number>> {
    const results = new Map<number, number>();
    const page = await this.rig.store.endedShards(this.job.id, 0, 1_000);
    for (const { shard } of page) {
      assert(shard.state.kind === 'settled', `shard ${shard.index} is ${shard.state.kind}`);
      const bytes = await this.rig.store.output(shard.id, shard.state.output);
      const items = this.#itemsOf(shard.index);
      const { decodeTensors } = await import('../../../shared/safetensors.ts');
      const decoded = decodeTensors(bytes!);
      assert(decoded.ok, 'an output that cannot be read');
      valuesIn(decoded.value, inputName(this.stages)).forEach((value, row) => {
        assert(!results.has(items[row]!), `item ${items[row]} came twice`);
        results.set(items[row]!, value);
      });
    }
    return results;
  }

  truth(item: number): number {
    let value = item;
    for (let stage = 0; stage < this.stages; stage++) value = 2 * value + stage + 1;
    return value;
  }

  compute(stage: number, stacked: NamedTensors): NamedTensors {
    const values = valuesIn(stacked, inputName(stage)).map((value) => 2 * value + stage + 1);
    return column(inputName(stage + 1), values);
  }

  readonly #orders = new Map<number, readonly number[]>();
  #itemsOf(index: number): readonly number[] {
    return this.#orders.get(index)!;
  }

  #whole(items: readonly number[]): NamedTensors {
    return column(
      inputName(this.stages),
      items.map((item) => this.truth(item)),
    );
  }

  #work(host: StagedHost): void {
    if (host.isStill) return;
    for (const { assignment, items, stage } of host.link.assigned) {
      if (stage === undefined || host.done.has(assignment.id)) continue;
      if (!host.host.leases.has(assignment.id)) continue;
      this.#orders.set(shardIndexOf(assignment), items);
      const received =
        stage.index === 0 ? column('x', items) : this.#network.take(host.link, stage);
      if (received === null) continue;
      const inputs = host.swapsInputs ? column(inputName(stage.index), items) : received;
      const honest = this.compute(stage.index, inputs);
      const name = inputName(stage.index + 1);
      const values = valuesIn(honest, name).map((v, row) => host.behaviour(v, row, stage.index));
      const outputs = column(name, values);
      host.done.add(assignment.id);
      if (!host.isMute) this.#network.send(host.link, stage, outputs);
      const told = host.misreportsInputs ? column(inputName(stage.index), items) : inputs;
      this.#inputs.set(assignment.id, told);
      this.#outputs.set(assignment.id, outputs);
      const tree = boundaryTree(outputs, items.length);
      const boundary = {
        inputs: boundaryRoot(boundaryTree(told, items.length)),
        outputs: boundaryRoot(tree),
      };
      const root = commitmentOfRoot(assignment.id, merkleRoot(tree));
      const refused = (): void => assert(false, 'a commitment was refused');
      this.rig.engine.commit(
        host.host,
        assignment.id,
        { root, boundary },
        refused,
        () => undefined,
      );
    }
  }

  #report(host: StagedHost): void {
    for (const { assignment, challenge: _, rows = [] } of host.link.all('open')) {
      const outputs = this.#outputs.get(assignment);
      if (outputs === undefined || !host.host.leases.has(assignment)) continue;
      this.#outputs.delete(assignment);
      const stage = host.link.assigned.find((it) => it.assignment.id === assignment)!.stage!;
      const shown = {
        inputs: rowsOf(this.#inputs.get(assignment)!, rows),
        outputs: rowsOf(outputs, rows),
      };
      const bytes = encodeTensors(outputs);
      const isLast = stage.index === this.stages - 1;
      const root = boundaryRoot(boundaryTree(outputs, 8)) as BlobDigest;
      const own = isLast ? { bytes, digest: digestOf(bytes) } : { bytes: null, digest: root };
      const report = { engine: 'wasm', computeMs: this.computeMs } as const;
      const reported = { own, probes: null, shown };
      this.rig.engine.report(host.host, assignment, report, reported, () => undefined);
    }
  }

  /** One stage as a job of its own: what trust is about. */
  stageJob(stage: number): Job {
    return jobOfStage(this.job, stage);
  }
}
