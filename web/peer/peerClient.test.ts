import { describe, expect, it } from 'vitest';
import { tensorOf } from '../../shared/tensor.ts';
import { settle } from '../volunteer/testing.ts';
import type { PeerCommand, PeerEndpoint, PeerEvent } from './peerApi.ts';
import { PeerClient } from './peerClient.ts';
import { Ear } from './testing/linkRig.ts';

/** A worker that does what a test says. */
class ScriptedWorker implements PeerEndpoint {
  readonly batches: PeerCommand[][] = [];
  readonly moved: Transferable[][] = [];
  terminated = false;
  tell: (event: PeerEvent) => void = () => undefined;
  die: (why: string) => void = () => undefined;

  post(commands: readonly PeerCommand[], transfer: Transferable[]): void {
    this.batches.push([...commands]);
    this.moved.push(transfer);
  }
  listen(onEvent: (event: PeerEvent) => void, onDeath: (why: string) => void): void {
    this.tell = onEvent;
    this.die = onDeath;
  }
  terminate(): void {
    this.terminated = true;
  }
  get commands(): PeerCommand[] {
    return this.batches.flat();
  }
}

const spec = {
  lanes: 1,
  hello: Uint8Array.of(1),
  openDeadlineMs: 100,
  progress: false,
  limits: {},
};
const key = { epoch: 0, stage: 0, sequence: 1 };

async function opened() {
  const workers: ScriptedWorker[] = [];
  const client = new PeerClient(() => {
    const worker = new ScriptedWorker();
    workers.push(worker);
    return worker;
  });
  const ear = new Ear();
  const { link, opened } = client.open(spec, ear);
  await settle();
  const worker = workers[0]!;
  worker.tell({ type: 'opened', link, result: { ok: true, value: Uint8Array.of(9) } });
  expect(await opened).toEqual({ ok: true, value: Uint8Array.of(9) });
  return { client, workers, worker, ear, link };
}

describe('the page’s side of the links', () => {
  it('sends what one task says as one message', async () => {
    const { client, worker, link } = await opened();
    const tensors = { x: tensorOf('U8', [3], Uint8Array.of(1, 2, 3)) };
    void client.send(link, { ...key, descriptor: null, tensors }, {});
    client.tell('ack', link, key);
    await settle();
    expect(worker.batches.map((batch) => batch.map(({ type }) => type))).toEqual([
      ['open'],
      ['send', 'ack'],
    ]);
  });

  it('moves what is given whole, and copies everything else', async () => {
    const { client, worker, link } = await opened();
    const whole = new Uint8Array(8);
    const part = new Uint8Array(16).subarray(0, 8);
    const tensors = { whole: tensorOf('U8', [8], whole), part: tensorOf('U8', [8], part) };
    void client.send(link, { ...key, descriptor: null, tensors }, { give: true });
    void client.send(link, { ...key, descriptor: null, tensors }, {});
    await settle();
    const moved = worker.moved.at(-1)!;
    expect(moved).toHaveLength(4);
    expect(moved.filter((buffer) => buffer === whole.buffer)).toHaveLength(1);
    expect(moved).not.toContain(part.buffer);
  });

  it('ends everything that is pending when the worker dies, and finds another one', async () => {
    const { client, workers, worker, ear, link } = await opened();
    const sending = client.send(link, { ...key, descriptor: null, tensors: {} }, {});
    const stats = client.stats(link);
    const opening = client.open(spec, new Ear());
    await settle();
    worker.die('out of memory');
    expect(worker.terminated).toBe(true);
    expect(await sending).toMatchObject({ error: { kind: 'link-ended' } });
    expect(await stats).toBeNull();
    expect(await opening.opened).toMatchObject({ error: { kind: 'lost' } });
    expect(ear.ends).toMatchObject([{ kind: 'lost', message: /out of memory/ }]);
    // What the dead one still says is not heard, and its links are no more.
    worker.tell({ type: 'acked', link, key });
    expect(ear.acks).toEqual([]);
    expect(await client.send(link, { ...key, descriptor: null, tensors: {} }, {})).toMatchObject({
      ok: false,
    });
    client.open(spec, new Ear());
    await settle();
    expect(workers).toHaveLength(2);
    expect(workers[1]!.commands.map(({ type }) => type)).toEqual(['open']);
  });

  it('tells each link what is its own', async () => {
    const { client, worker, ear, link } = await opened();
    const other = new Ear();
    const second = client.open(spec, other);
    await settle();
    worker.tell({ type: 'opened', link: second.link, result: { ok: true, value: spec.hello } });
    const message = { ...key, descriptor: 1, tensors: {}, buffer: new ArrayBuffer(0) };
    worker.tell({ type: 'tensors', link: second.link, message });
    worker.tell({ type: 'cancelled', link, key });
    worker.tell({ type: 'arriving', link, key, bytes: 5, total: 9 });
    worker.tell({ type: 'ended', link, end: { kind: 'left', message: '' } });
    worker.tell({ type: 'acked', link, key });
    expect([other.messages.length, other.ends.length]).toEqual([1, 0]);
    expect([ear.cancels.length, ear.progress, ear.ends.length, ear.acks.length]).toEqual([
      1,
      [5],
      1,
      0,
    ]);
  });
});
