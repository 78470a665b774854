/**
 * A process of simulated hosts over real WebSockets: the load of `npm run bench -- coordinator`.
 *
 * It proves keys, takes assignments and reports agreeing outputs as fast as the coordinator lets it. Values
 * are a function of the item alone, not the kernel's: what is measured is the coordinator, and the hosts'
 * own time is reported apart. Usage: loadHosts.ts URL HOSTS SLOTS coordinator|echo; one
 * `LoadSample` a second as a process message.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { WebSocket } from 'ws';
import { commitmentOf, openingsOf } from '../../shared/commitment.ts';
import { decodeFrame, encodeFrame } from '../../shared/frame.ts';
import type { AssignmentId, HostId } from '../../shared/ids.ts';
import { merkleTree } from '../../shared/merkle.ts';
import { itemChunks } from '../../shared/program.ts';
import {
  LINK_PATH,
  LINK_VERSION,
  commitText,
  helloText,
  type AssignMessage,
  type CoordinatorMessage,
  type HostMessage,
} from '../../shared/protocol/link.ts';
import { assert } from '../../shared/result.ts';
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';

/** What happened since the last sample. */
export interface LoadSample {
  readonly settled: number;
  readonly received: number;
  readonly refused: number;
  /** From committing to the receipt of the report, in milliseconds. */
  readonly latenciesMs: readonly number[];
  readonly cpuMs: number;
}

const [url = '', hosts = '256', slots = '2', mode = 'coordinator'] = process.argv.slice(2);
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

let settled = 0;
let received = 0;
let refused = 0;
let latenciesMs: number[] = [];
let cpu = process.cpuUsage();

function openHost(index: number): void {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const host = `load-${index}` as HostId;
  const { origin } = new URL(url);
  const sentAt = new Map<string, number>();
  const ready = new Map<string, { tree: Uint8Array; outputs: NamedTensors }>();
  const socket = new WebSocket(url.replace(/^http/, 'ws') + LINK_PATH, {
    perMessageDeflate: false,
  });
  socket.binaryType = 'nodebuffer';
  const say = (message: HostMessage) => socket.send(JSON.stringify(message));
  socket.on('error', (error) => console.error(error.message));
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) return compute(data);
    const message = JSON.parse(data.toString()) as CoordinatorMessage;
    switch (message.type) {
      case 'challenge': {
        const text = helloText(origin, message.nonce, host);
        return say({
          type: 'hello',
          version: LINK_VERSION,
          publicKey: spki.subarray(-32).toString('hex'),
          host,
          origin,
          nonce: message.nonce,
          signature: sign(null, text, privateKey).toString('hex'),
          capabilities: { engines: ['cpu'], adapter: 'load', memoryBytes: 2 ** 30 },
          agent: 'load',
        });
      }
      case 'welcome':
        return say({ type: 'want', count: Number(slots) });
      case 'open':
        return report(message.assignment, message.challenge);
      case 'received':
        received += 1;
        latenciesMs.push(performance.now() - sentAt.get(message.assignment)!);
        sentAt.delete(message.assignment);
        return;
      case 'settled':
        settled += 1;
        return;
      case 'refused':
        refused += 1;
        return;
      default:
        return;
    }
  });

  function compute(data: Buffer): void {
    const frame = decodeFrame(data);
    assert(frame.ok, 'a bad frame came');
    const work = JSON.parse(frame.value.control) as AssignMessage;
    const values = Uint32Array.from(work.items, (item) => Math.imul(item, 0x9e3779b1));
    const outputs = { hits: tensorOf('U32', [values.length], values) };
    const tree = merkleTree(itemChunks(outputs, values.length), sha256);
    const { assignment } = work;
    ready.set(assignment, { tree, outputs });
    sentAt.set(assignment, performance.now());
    const commit = { assignment, root: commitmentOf(assignment, tree, sha256) };
    const signature = sign(null, commitText(origin, commit), privateKey).toString('hex');
    say({ type: 'commit', ...commit, signature });
  }

  function report(assignment: AssignmentId, challenge: string): void {
    const { tree, outputs } = ready.get(assignment)!;
    ready.delete(assignment);
    const openings = openingsOf(tree, challenge, sha256);
    const message: HostMessage = {
      type: 'report',
      assignment,
      challenge,
      openings,
      engine: 'cpu',
      computeMs: 0,
    };
    socket.send(encodeFrame(message, outputs));
  }
}

/** Sends frames of a report's size, a new one for each that comes back. */
function openEcho(): void {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { perMessageDeflate: false });
  const values = Uint32Array.from({ length: 8 }, (_, i) => i);
  const frame = encodeFrame(
    { type: 'report', challenge: '0'.repeat(64) },
    { hits: tensorOf('U32', [8], values) },
  );
  let sentAt: number[] = [];
  const send = () => {
    sentAt.push(performance.now());
    socket.send(frame);
  };
  socket.on('open', () => {
    for (let slot = 0; slot < Number(slots); slot++) send();
  });
  socket.on('message', () => {
    received += 1;
    latenciesMs.push(performance.now() - sentAt[0]!);
    sentAt = sentAt.slice(1);
    send();
  });
}

for (let index = 0; index < Number(hosts); index++) {
  if (mode === 'echo') openEcho();
  else openHost(index);
}
setInterval(() => {
  const used = process.cpuUsage(cpu);
  cpu = process.cpuUsage();
  const cpuMs = (used.user + used.system) / 1000;
  const sample: LoadSample = { settled, received, refused, latenciesMs, cpuMs };
  process.send?.(sample);
  settled = received = refused = 0;
  latenciesMs = [];
}, 1000);
process.on('disconnect', () => process.exit(0));
