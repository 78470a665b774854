/**
 * A simulated host: speaks the real link protocol over an in-memory link, computes with the kernels' CPU
 * references on the virtual clock, and may lie, fail, vanish or be slow.
 */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { commitmentOf, openingsOf } from '../../shared/commitment.ts';
import { decodeFrame, encodeFrame } from '../../shared/frame.ts';
import type { AssignmentId, HostId } from '../../shared/ids.ts';
import { merkleTree } from '../../shared/merkle.ts';
import { itemChunks, runBatch } from '../../shared/program.ts';
import {
  LINK_VERSION,
  assignSchema,
  coordinatorMessageSchema,
  commitText,
  helloText,
  type AssignMessage,
  type CoordinatorMessage,
  type HostMessage,
} from '../../shared/protocol/link.ts';
import { parseJson } from '../../shared/protocol/parse.ts';
import { assert } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { findKernel } from '../../kernels/catalog.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { sha256 } from '../digest.ts';

export type Behaviour =
  | { readonly kind: 'honest' }
  /** Reports wrong values for every item. */
  | { readonly kind: 'liar' }
  /** Reports one wrong value in one element of one item; the others are right. */
  | { readonly kind: 'subtle' }
  /** Reports compute errors. */
  | { readonly kind: 'failing' }
  /** Computes rightly, and drops every second assignment when it has seen what it is to open. */
  | { readonly kind: 'aborting' }
  /** Takes the work and never says anything again. */
  | { readonly kind: 'silent' };

export interface SimHostOptions {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Virtual milliseconds for one item. */
  readonly msPerItem: number;
  readonly origin: string;
  /** Calls back after so many virtual milliseconds. */
  readonly after: (ms: number, action: () => void | Promise<void>) => void;
  readonly send: (data: string | Uint8Array) => void;
}

/** Assignments that a host computes at once. */
export const SIM_SLOTS = 2;

/** Outputs that are computed, and what was committed to. */
interface Ready {
  readonly root: string;
  readonly items: number;
  readonly tree: Uint8Array;
  readonly outputs: NamedTensors;
}

export class SimHost {
  readonly options: SimHostOptions;
  readonly #privateKey: KeyObject;
  readonly publicKey: string;
  readonly verdicts: Extract<CoordinatorMessage, { type: 'settled' }>[] = [];
  readonly refusals: string[] = [];
  readonly #held = new Set<AssignmentId>();
  /** Computed, and not known to have arrived. */
  readonly #ready = new Map<AssignmentId, Ready>();

  constructor(options: SimHostOptions) {
    this.options = options;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    this.publicKey = spki.subarray(-32).toString('hex');
  }

  receive(data: string | Uint8Array): void {
    const message = typeof data === 'string' ? parseJson(data, coordinatorMessageSchema) : null;
    if (message === null) return this.#assigned(data as Uint8Array);
    assert(message.ok, `the coordinator sent what its own protocol refuses`);
    this.#handle(message.value);
  }

  #handle(message: CoordinatorMessage): void {
    switch (message.type) {
      case 'challenge':
        return this.#hello(message.nonce);
      case 'welcome':
        for (const id of message.leases) {
          const ready = this.#ready.get(id);
          // Its commitment, or the answer, was lost with the last link.
          if (ready !== undefined) this.#commit(id, ready.root);
          else if (!this.#held.has(id))
            this.#say({ type: 'return', assignments: [id], reason: 'closing' });
        }
        return this.#say({ type: 'want', count: SIM_SLOTS });
      case 'settled':
        this.verdicts.push(message);
        return;
      case 'open':
        return this.#open(message.assignment, message.challenge);
      case 'received':
        return this.#drop(message.assignment);
      case 'revoke':
        for (const id of message.assignments) this.#drop(id);
        return;
      case 'refused':
        this.refusals.push(message.problem.code);
        if (message.assignment !== undefined) this.#drop(message.assignment);
        return;
      case 'assign':
      case 'waiting':
      case 'prepare':
      case 'route':
      case 'swarm':
      case 'swarm-ended':
      case 'route-ended':
        return;
      default:
        return message satisfies never;
    }
  }

  #hello(nonce: string): void {
    const host = this.options.name as HostId;
    const text = helloText(this.options.origin, nonce, host);
    this.#say({
      type: 'hello',
      version: LINK_VERSION,
      publicKey: this.publicKey,
      host,
      origin: this.options.origin,
      nonce,
      signature: sign(null, text, this.#privateKey).toString('hex'),
      capabilities: { engines: ['cpu', 'wasm'], adapter: 'simulated', memoryBytes: 2 ** 30 },
      agent: 'simulation',
    });
  }

  #assigned(data: Uint8Array): void {
    const frame = decodeFrame(data);
    assert(frame.ok, 'the coordinator sent a bad frame');
    const message = parseJson(frame.value.control, assignSchema);
    assert(message.ok, 'the coordinator sent a bad assignment');
    const work = message.value;
    this.#held.add(work.assignment);
    if (this.options.behaviour.kind === 'silent') return;
    const ms = this.options.msPerItem * work.items.length;
    const { tensors } = frame.value;
    this.options.after(ms, () => this.#finish(work, tensors));
  }

  async #finish(work: AssignMessage, stacked: NamedTensors): Promise<void> {
    if (!this.#held.has(work.assignment)) return;
    if (this.options.behaviour.kind === 'failing') {
      this.#drop(work.assignment);
      const message = 'simulated failure';
      this.#say({ type: 'compute-error', assignment: work.assignment, code: 'simulated', message });
      return;
    }
    assert(work.program.kind === 'kernel', 'simulated hosts compute kernels');
    const entry = findKernel(work.program.kernel);
    assert(entry !== undefined, `no kernel ${work.program.kernel}`);
    const params = entry.manifest.params.parse(work.program.params);
    const batch = { items: work.items, stacked, constants: {} };
    const outputs = await runBatch(referenceRunner(entry, params), batch, work.outputs);
    if (this.options.behaviour.kind === 'liar') spoil(outputs, this.options.name);
    if (this.options.behaviour.kind === 'subtle') spoilOne(outputs);
    const { assignment } = work;
    const tree = merkleTree(itemChunks(outputs, work.items.length), sha256);
    const root = commitmentOf(assignment, tree, sha256);
    this.#ready.set(assignment, { root, items: work.items.length, tree, outputs });
    this.#commit(assignment, root);
  }

  #commit(assignment: AssignmentId, root: string): void {
    const text = commitText(this.options.origin, { assignment, root });
    const signature = sign(null, text, this.#privateKey).toString('hex');
    this.#say({ type: 'commit', assignment, root, signature });
  }

  /** Opened twice, it reports twice: the coordinator takes one. */
  #open(assignment: AssignmentId, challenge: string): void {
    const ready = this.#ready.get(assignment);
    if (ready === undefined) return;
    if (
      this.options.behaviour.kind === 'aborting' &&
      Number.parseInt(challenge[0]!, 16) % 2 === 0
    ) {
      this.#drop(assignment);
      return this.#say({ type: 'return', assignments: [assignment], reason: 'closing' });
    }
    const openings = openingsOf(ready.tree, challenge, sha256);
    const computeMs = this.options.msPerItem * ready.items;
    const report: HostMessage = {
      type: 'report',
      assignment,
      challenge,
      openings,
      engine: 'cpu',
      computeMs,
    };
    this.options.send(encodeFrame(report, ready.outputs));
  }

  #drop(assignment: AssignmentId): void {
    this.#held.delete(assignment);
    this.#ready.delete(assignment);
  }

  #say(message: HostMessage): void {
    this.options.send(JSON.stringify(message));
  }
}

/** Changes every item; each liar in its own way, so that two never agree by chance. */
function spoil(outputs: NamedTensors, name: string): void {
  const salt = name.split('').reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) & 0xff, 1) | 1;
  for (const { bytes } of Object.values(outputs)) {
    for (let i = 0; i < bytes.length; i += 4) bytes[i]! ^= salt;
  }
}

/** The last element of the last item, by the highest bit of its mantissa. */
function spoilOne(outputs: NamedTensors): void {
  for (const { bytes } of Object.values(outputs)) bytes[bytes.length - 2]! ^= 0x40;
}
