/**
 * A large model for eight hosts on the running coordinator: it travels between them, and one that spoils what it passes
 * on is cut off. The hosts are of this process and reach each other without a network.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { compareOutputs } from '../../shared/acceptance.ts';
import { value } from '../../shared/onnx/modelBuilder.ts';
import { built, Net, scattered } from '../../shared/testing/netBuilder.ts';
import type { ChunkPort } from '../../web/volunteer/swarm/chunkPort.ts';
import { MemoryChunks } from '../../web/volunteer/swarm/memoryChunks.ts';
import { collectResults } from '../client.ts';
import { directRun } from './testing/directRun.ts';
import { CoordinatorProcess } from './testing/idlewaveProcess.ts';
import { startTestHost, type TestHost } from './testing/testHost.ts';

/** 16 MiB of weights. */
const WIDTH = 2048;
const ITEMS = 48;
const HOSTS = 8;
const SAME = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-5,
  maxElementError: 1e-3,
  nonFinite: 'refuse',
} as const;

function model(): Uint8Array<ArrayBuffer> {
  const net = new Net();
  net.op('MatMul', ['x', net.weight(WIDTH, WIDTH)], {}, 'y');
  return built(net, 'large', {
    inputs: [value('x', 'F32', [1, WIDTH])],
    outputs: [value('y', 'F32', [1, WIDTH])],
  });
}

/** Its host changes one bit of every chunk that it passes on. */
const spoiling = (port: ChunkPort): ChunkPort => ({
  enter(...me) {
    const presence = port.enter(...me);
    return {
      ...presence,
      async meet(...other) {
        const met = await presence.meet(...other);
        if (!met.ok) return met;
        const { value: link } = met;
        const send: typeof link.send = (message, bytes) => {
          if (bytes !== undefined) bytes[bytes.length >> 1]! ^= 1;
          return link.send(message, bytes);
        };
        return { ok: true, value: { ...link, send } };
      },
    };
  },
});

let coordinator: CoordinatorProcess;
const hosts: TestHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
  await coordinator.stop();
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', coordinator.url))).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** Every host computes something, and everything is right. Copies that the coordinator sent, and that it did not. */
async function run(ports: (memory: MemoryChunks) => readonly ChunkPort[]) {
  coordinator = await CoordinatorProcess.start();
  for (const chunks of ports(new MemoryChunks())) {
    hosts.push(await startTestHost(coordinator.url, undefined, { chunks }));
  }
  const bytes = model();
  const stacked = { x: scattered([ITEMS, WIDTH], 1) };
  const job = await coordinator.client().submit({
    name: 'large',
    program: { onnx: bytes },
    inputs: { stacked },
    itemsPerShard: 1,
  });
  await Promise.all(hosts.map((host) => host.next('computed')));
  expect(await job.done()).toMatchObject({ state: 'done', items: { failed: 0 } });
  const { outputs, missing } = await collectResults(job);
  expect(missing).toEqual([]);
  const truth = await directRun(bytes, stacked, { x: [1, WIDTH] });
  expect(compareOutputs(outputs, truth, ITEMS, SAME)).toMatchObject({ kind: 'agree' });
  const sent = await metric('idlewave_blob_sent_bytes_total');
  const passed = await metric('idlewave_blob_peer_bytes_total');
  return { sent: sent / bytes.length, passed: passed / bytes.length };
}

describe('a large model', () => {
  it('is sent to eight hosts little more than once', async () => {
    const { sent, passed } = await run((memory) => Array.from({ length: HOSTS }, () => memory));
    expect(sent).toBeLessThanOrEqual(2.5);
    expect(sent + passed).toBeGreaterThanOrEqual(HOSTS - 1);
    expect(await metric('idlewave_swarm_cut_offs_total')).toBe(0);
  });

  it('reaches everybody whole though one of them spoils what it passes on, who is cut off', async () => {
    const { sent } = await run((memory) => [
      spoiling(memory),
      ...Array.from({ length: HOSTS - 1 }, () => memory),
    ]);
    expect(await metric('idlewave_swarm_cut_offs_total')).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(4);
  });
});
