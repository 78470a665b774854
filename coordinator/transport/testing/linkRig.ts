/** A host on the real link protocol, without a socket: what it is sent is read as a real host would read it. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { commitmentOf, openingsOf } from '../../../shared/commitment.ts';
import { decodeFrame, encodeFrame } from '../../../shared/frame.ts';
import type { AssignmentId } from '../../../shared/ids.ts';
import { merkleTree } from '../../../shared/merkle.ts';
import { itemChunks } from '../../../shared/program.ts';
import {
  LINK_VERSION,
  assignSchema,
  coordinatorMessageSchema,
  commitText,
  helloText,
  type AssignMessage,
  type CoordinatorMessage,
} from '../../../shared/protocol/link.ts';
import { parseJson } from '../../../shared/protocol/parse.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import { EngineRig, outputsOf, type RigOptions } from '../../engine/testing/engineRig.ts';
import { JobInputs } from '../../jobs/jobInputs.ts';
import { Metrics } from '../../metrics.ts';
import { memoryBlobs } from '../../store/memoryBlobs.ts';
import type { BlobStore } from '../../store/blobs.ts';
import { HostConnection, type LinkDeps } from '../link/hostConnection.ts';

export const ORIGIN = 'https://idlewave.example';

export interface KeyPair {
  /** Raw Ed25519 public key, hex. */
  readonly publicKey: string;
  sign(text: Uint8Array): string;
}

export function makeKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    sign: (text) => sign(null, text, privateKey).toString('hex'),
  };
}

export class LinkRig {
  readonly rig: EngineRig;
  readonly blobs: BlobStore = memoryBlobs();
  readonly deps: LinkDeps;
  readonly metrics: Metrics;
  readonly logged: string[] = [];

  constructor(rig: EngineRig) {
    this.rig = rig;
    this.metrics = new Metrics(() => rig.nowMs);
    this.metrics.observe(rig.engine);
    this.deps = {
      engine: rig.engine,
      store: rig.store,
      inputs: new JobInputs(this.blobs),
      swarms: null,
      cohorts: 'auto',
      secret: 'secret',
      now: () => rig.nowMs,
      metrics: this.metrics,
      byeTokens: new Map(),
      log: (event) => this.logged.push(event),
    };
  }

  static async started(options: RigOptions = {}): Promise<LinkRig> {
    return new LinkRig(await EngineRig.started(options));
  }

  /** Refusals counted so far, by problem code. */
  async refused(): Promise<Record<string, number>> {
    const metric = await this.metrics.registry.getSingleMetric('idlewave_refused_total')!.get();
    return Object.fromEntries(
      metric.values.map(({ labels, value }) => [String(labels['code']), value] as const),
    );
  }

  open(keys = makeKeyPair(), address = '127.0.0.1'): FakeHost {
    return new FakeHost(this, keys, address);
  }

  /** A host that has been welcomed and would hold `slots` assignments. */
  async welcomed(slots = 0, name = 'host_1', keys = makeKeyPair()): Promise<FakeHost> {
    const host = this.open(keys);
    await host.say(host.hello({}, name));
    if (slots > 0) await host.say({ type: 'want', count: slots });
    return host;
  }
}

export class FakeHost {
  readonly keys: KeyPair;
  readonly connection: HostConnection;
  readonly messages: CoordinatorMessage[] = [];
  readonly assignments: { message: AssignMessage; tensors: NamedTensors }[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  readonly #rig: LinkRig;

  constructor(rig: LinkRig, keys: KeyPair, address: string) {
    this.#rig = rig;
    this.keys = keys;
    const io = {
      address,
      origin: ORIGIN,
      send: (data: string | Uint8Array) => this.#take(data),
      close: (code: number, reason: string) => void this.closes.push({ code, reason }),
    };
    this.connection = new HostConnection(io, rig.deps);
  }

  get nonce(): string {
    return this.last('challenge').nonce;
  }

  /** Says it and lets everything that follows happen. */
  async say(message: unknown): Promise<void> {
    const data =
      typeof message === 'string' || message instanceof Uint8Array
        ? message
        : JSON.stringify(message);
    await this.connection.receive(data);
    await this.#rig.rig.quiet();
  }

  hello(changes: object = {}, host = 'host_1', origin = ORIGIN, nonce = this.nonce): object {
    return {
      type: 'hello',
      version: LINK_VERSION,
      publicKey: this.keys.publicKey,
      host,
      origin,
      nonce,
      signature: this.keys.sign(helloText(origin, nonce, host)),
      capabilities: { engines: ['cpu', 'webgpu'], adapter: 'test', memoryBytes: 2 ** 32 },
      agent: 'test',
      ...changes,
    };
  }

  /** The commitment to the outputs of the `index`-th assignment; the right ones unless given. */
  commit(index = 0, outputs?: NamedTensors, changes: object = {}): object {
    const { assignment, items } = this.assignments[index]!.message;
    const root = commitmentOf(assignment, treeOf(outputs ?? outputsOf(items), items.length));
    const commit = { assignment, root, ...changes };
    const signature = this.keys.sign(commitText(ORIGIN, commit));
    return { type: 'commit', signature, ...commit };
  }

  /** The challenge of the `index`-th assignment; of none where it was not opened. */
  challenge(index = 0): string {
    const of = this.all('open').find(({ assignment }) => assignment === this.assignment(index));
    return of?.challenge ?? '0'.repeat(64);
  }

  /** The frame of a report on the `index`-th assignment, opened as asked; right outputs unless given. */
  report(index = 0, outputs?: NamedTensors, changes: object = {}): Uint8Array {
    const { assignment, items } = this.assignments[index]!.message;
    const tensors = outputs ?? outputsOf(items);
    const challenge = this.challenge(index);
    const fits = Object.values(tensors).every(({ dims }) => dims[0] === items.length);
    const whole = fits ? tensors : outputsOf(items);
    const openings = openingsOf(treeOf(whole, items.length), challenge);
    const control = {
      type: 'report',
      assignment,
      challenge,
      openings,
      engine: 'cpu',
      computeMs: 5,
    };
    return encodeFrame({ ...control, ...changes }, tensors);
  }

  /** Commits to the outputs of the `index`-th assignment and reports them; the right ones unless given. */
  async deliver(index = 0, outputs?: NamedTensors): Promise<void> {
    await this.say(this.commit(index, outputs));
    await this.say(this.report(index, outputs));
  }

  assignment(index = 0): AssignmentId {
    return this.assignments[index]!.message.assignment;
  }

  all<T extends CoordinatorMessage['type']>(type: T) {
    return this.messages.filter(
      (it): it is Extract<CoordinatorMessage, { type: T }> => it.type === type,
    );
  }

  last<T extends CoordinatorMessage['type']>(type: T) {
    return this.all(type).at(-1)!;
  }

  /** Codes of the refusals so far. */
  get refusals(): string[] {
    return this.all('refused').map(({ problem }) => problem.code);
  }

  #take(data: string | Uint8Array): void {
    if (typeof data === 'string') {
      const message = parseJson(data, coordinatorMessageSchema);
      if (!message.ok) throw new Error(`a host could not read this: ${data}`);
      this.messages.push(message.value);
      return;
    }
    const frame = decodeFrame(data);
    if (!frame.ok)
      throw new Error(`a host could not read this frame: ${JSON.stringify(frame.error)}`);
    const message = parseJson(frame.value.control, assignSchema);
    if (!message.ok) throw new Error(`a host could not read this assignment`);
    this.assignments.push({ message: message.value, tensors: frame.value.tensors });
  }
}

export const treeOf = (outputs: NamedTensors, items: number): Uint8Array =>
  merkleTree(itemChunks(outputs, items));
