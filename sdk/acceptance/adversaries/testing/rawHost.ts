/**
 * A host that says what a test has it say, over a real link: the protocol without the volunteer's own care for it.
 *
 * It takes one assignment at a time and computes nothing by itself. Invariant: messages are looked at in the order
 * in which they came, each by one wait at most.
 */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { WebSocket } from 'ws';
import { findKernel } from '../../../../kernels/catalog.ts';
import { referenceRunner } from '../../../../kernels/referenceRunner.ts';
import { commitmentOf, openingsOf } from '../../../../shared/commitment.ts';
import { decodeFrame, encodeFrame } from '../../../../shared/frame.ts';
import type { HostId } from '../../../../shared/ids.ts';
import { merkleTree } from '../../../../shared/merkle.ts';
import { itemChunks, runBatch } from '../../../../shared/program.ts';
import {
  LINK_PATH,
  LINK_VERSION,
  assignSchema,
  commitText,
  coordinatorMessageSchema,
  helloText,
  type AssignMessage,
  type CoordinatorMessage,
} from '../../../../shared/protocol/link.ts';
import { parseJson } from '../../../../shared/protocol/parse.ts';
import { assert } from '../../../../shared/result.ts';
import type { NamedTensors } from '../../../../shared/tensor.ts';

/** A real process on a machine that does much else beside it. */
const PATIENCE_MS = 30_000;

type Type = CoordinatorMessage['type'];
type Of<T extends Type> = Extract<CoordinatorMessage, { type: T }>;

export const treeOf = (outputs: NamedTensors, rows: number): Uint8Array =>
  merkleTree(itemChunks(outputs, rows));

export class RawHost {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #publicKey: string;
  readonly #privateKey: KeyObject;
  readonly #inbox: CoordinatorMessage[] = [];
  #socket!: WebSocket;
  #wake: () => void = () => undefined;
  contributor = '';

  private constructor(url: string, from: string | null, headers: Record<string, string>) {
    this.#url = url;
    this.#headers = from === null ? headers : { ...headers, 'x-forwarded-for': from };
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    this.#publicKey = spki.subarray(-32).toString('hex');
  }

  /** A new contributor, welcomed; a proxy would say that it comes `from` there. `headers` are its own invention. */
  static async join(
    url: string,
    from: string | null = null,
    headers: Record<string, string> = {},
  ): Promise<RawHost> {
    const host = new RawHost(url, from, headers);
    await host.connect();
    return host;
  }

  /** Opens another link with the same key; the leases that it still has. */
  async connect(): Promise<readonly string[]> {
    const socket = new WebSocket(this.#url.replace(/^http/, 'ws') + LINK_PATH, {
      headers: this.#headers,
    });
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      if (this.#socket !== socket) return;
      this.#inbox.push(read(data, isBinary));
      this.#wake();
    });
    const { nonce } = await this.next('challenge');
    const host = 'host_1' as HostId;
    const { origin } = new URL(this.#url);
    const text = helloText(origin, nonce, host);
    this.say({
      type: 'hello',
      version: LINK_VERSION,
      publicKey: this.#publicKey,
      host,
      origin,
      nonce,
      signature: sign(null, text, this.#privateKey).toString('hex'),
      capabilities: { engines: ['cpu'], adapter: 'raw', memoryBytes: 2 ** 30 },
      agent: 'raw',
    });
    const { contributor, leases } = await this.next('welcome');
    this.contributor = contributor;
    return leases;
  }

  /** Signed by its own key, or by another one. */
  sayCommit(assignment: AssignMessage['assignment'], root: string, key = this.#privateKey): void {
    const text = commitText(new URL(this.#url).origin, { assignment, root });
    const signature = sign(null, text, key).toString('hex');
    this.say({ type: 'commit', assignment, root, signature });
  }

  say(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The link ends without a word. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.close();
    await closed;
  }

  /** The next message of one of these types, and of this assignment where one is named; others stay. */
  async next<T extends Type>(...types: readonly T[]): Promise<Of<T>> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const at = this.#inbox.findIndex(({ type }) => (types as readonly Type[]).includes(type));
      if (at >= 0) return this.#inbox.splice(at, 1)[0] as Of<T>;
      const leftMs = deadlineMs - performance.now();
      const left = this.#inbox.map((message) => JSON.stringify(message)).join('\n');
      assert(leftMs > 0, `expected ${types.join(' or ')} in ${PATIENCE_MS} ms, came:\n${left}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** One more assignment, and no other after it; or why there is none. Rests where it is told to. */
  async ask(): Promise<AssignMessage | Of<'waiting'>> {
    this.say({ type: 'want', count: 1 });
    let answer = await this.next('assign', 'waiting');
    while (answer.type === 'waiting' && answer.code === 'cooling-down') {
      answer = await this.next('assign', 'waiting');
    }
    this.say({ type: 'want', count: 0 });
    return answer;
  }

  /** The next assignment, when there is one. */
  async assigned(): Promise<AssignMessage> {
    for (;;) {
      const answer = await this.ask();
      if (answer.type === 'assign') return answer;
      assert(answer.code !== 'quarantined-for-aborts', `expected work, came ${answer.code}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Commits to these outputs, or to a root of its own; the challenge. */
  async commit(assign: AssignMessage, to: NamedTensors | string): Promise<string> {
    const { assignment, items } = assign;
    const root = typeof to === 'string' ? to : commitmentOf(assignment, treeOf(to, items.length));
    this.sayCommit(assignment, root);
    return (await this.next('open')).challenge;
  }

  /** Reports these outputs, opened as asked unless `openings` says otherwise. */
  async report(
    { assignment, items }: AssignMessage,
    outputs: NamedTensors,
    challenge: string,
    openings = openingsOf(treeOf(outputs, items.length), challenge),
  ): Promise<Of<'received' | 'refused'>> {
    const control = {
      type: 'report',
      assignment,
      challenge,
      openings,
      engine: 'cpu',
      computeMs: 1,
    };
    this.#socket.send(encodeFrame(control, outputs));
    return this.next('received', 'refused');
  }

  /** The code by which a report of these outputs is refused. */
  async refusedReport(...report: Parameters<RawHost['report']>): Promise<string> {
    const answer = await this.report(...report);
    return answer.type === 'refused' ? answer.problem.code : answer.type;
  }

  /** Does one assignment as everybody should. */
  async deliver(assign: AssignMessage): Promise<NamedTensors> {
    const outputs = await truthOf(assign);
    const answer = await this.report(assign, outputs, await this.commit(assign, outputs));
    assert(answer.type === 'received', `an honest report was refused: ${JSON.stringify(answer)}`);
    return outputs;
  }
}

/** What the kernel's own reference gives for an assignment, in its order. */
export async function truthOf({ program, items, outputs }: AssignMessage): Promise<NamedTensors> {
  assert(program.kind === 'kernel', 'raw hosts compute kernels');
  const entry = findKernel(program.kernel);
  assert(entry !== undefined, `no kernel ${program.kernel}`);
  const runner = referenceRunner(entry, entry.manifest.params.parse(program.params));
  return runBatch(runner, { items, stacked: {}, constants: {} }, outputs);
}

function read(data: Buffer, isBinary: boolean): CoordinatorMessage {
  if (!isBinary) {
    const message = parseJson(data.toString('utf8'), coordinatorMessageSchema);
    assert(message.ok, `the coordinator sent what its own protocol refuses: ${data.toString()}`);
    return message.value;
  }
  const frame = decodeFrame(data);
  assert(frame.ok, 'the coordinator sent a bad frame');
  const message = parseJson(frame.value.control, assignSchema);
  assert(message.ok, 'the coordinator sent a bad assignment');
  return message.value;
}
