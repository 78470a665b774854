/**
 * Adversaries whose messages are wrong before their values are looked at, or whose values only look wrong: the
 * structural gate, in the running system.
 */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { encodeFrame } from '../../../shared/frame.ts';
import { MAX_FRAME_BYTES, MAX_REFUSALS_PER_LINK } from '../../../shared/limits.ts';
import { LINK_PATH, LINK_VERSION } from '../../../shared/protocol/link.ts';
import { gatherItems, tensorOf, valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import type { Job } from '../../client.ts';
import { seeded, type Random } from '../../demo/random.ts';
import { memoryBytes } from '../testing/memory.ts';
import { Arena, reportsByContributor, until } from './testing/arena.ts';
import { AT_ONCE, expectCaught, expectNoCredit } from './testing/caught.ts';
import { eachRow, type Script } from './testing/engines.ts';
import { fineTuned, withModel } from './testing/models.ts';
import { Wire, type Message } from './testing/wire.ts';
import { SCORES, scoresWork } from './testing/works.ts';

const DEADLINE_MS = 120_000;
const MiB = 1024 * 1024;
let arena: Arena;
let job: Job;

beforeAll(async () => {
  arena = await Arena.open();
  job = await arena.open(scoresWork({ items: 120 * 256, itemsPerShard: 256, seed: 32 }));
}, DEADLINE_MS);
afterAll(() => arena.close(), DEADLINE_MS);

/** Its report is refused with this code before anything of it is kept: R0, no strike, no credit. */
async function expectRefused(code: string, script: Script, wire = new Wire()): Promise<void> {
  const liar = await arena.join({ ...script, reports: 1 }, { connect: wire.connect });
  await until(`it is refused: ${code}`, () => wire.refusals[0]);
  expect(wire.refusals).toEqual([code]);
  liar.pause();
  const { errored, disagreed } = await arena.client.contributor(liar.contributor);
  expect({ errored, disagreed }).toEqual({ errored: 1, disagreed: 0 });
  await expectNoCredit(arena.client, liar.contributor);
  await arena.dismiss(liar);
}

const ejected = { by: 'sampling', response: 'ejected', withinReports: AT_ONCE } as const;

/** The last value of the first row, or all of them. */
const poisoned =
  (value: number, all = false): Script['outputs'] =>
  (computed, { task }) =>
    eachRow(computed, task.items, (values, row) => {
      if (all || row === 0) (values as Float32Array).fill(value, all ? 0 : SCORES - 1);
    });

describe('payloads', { timeout: DEADLINE_MS }, () => {
  it('#32 NaN and infinities, in one element and in all', async () => {
    for (const outputs of [poisoned(NaN), poisoned(-Infinity), poisoned(NaN, true)]) {
      const wire = new Wire();
      wire.isCareless = true;
      await expectRefused('report-not-finite', { outputs }, wire);
    }
  });

  it('#33 huge finite values', async () => {
    const liar = await arena.enter(job, { outputs: poisoned(3e38, true) });
    await expectCaught(arena, liar, ejected);
  });

  it('#35 another dtype, another shape, another order of bytes or of axes, a tensor changed after its hash', async () => {
    const named = (make: (scores: NamedTensors[string]) => NamedTensors[string]): Script => ({
      outputs: ({ scores }) => ({ scores: make(scores!) }),
    });
    await expectRefused(
      'report-dtype',
      named(({ dims, bytes }) => ({ dtype: 'I32', dims, bytes })),
    );
    await expectRefused(
      'report-shape',
      named(({ dtype, dims, bytes }) => ({ dtype, dims: [dims[0]!, 2, SCORES / 2], bytes })),
    );
    const wire = new Wire();
    wire.change = (message) => {
      if (typeof message !== 'string') message[message.length - 2]! ^= 1;
      return message;
    };
    await expectRefused('report-root-mismatch', {}, wire);
    const columns = named((scores) => {
      const values = valuesOf(scores) as Float32Array;
      const rows = scores.dims[0]!;
      const turned = values.map((_, i) => values[(i % rows) * SCORES + Math.floor(i / rows)]!);
      return tensorOf('F32', scores.dims, turned);
    });
    await expectCaught(arena, await arena.enter(job, columns), ejected);
    // Bytes 1 and 2 change places: finite, and as wrong as a whole swap.
    const swapped = named(({ dtype, dims, bytes }) => ({
      dtype,
      dims,
      bytes: bytes.map((_, i) => bytes[i % 4 === 1 ? i + 1 : i % 4 === 2 ? i - 1 : i]!),
    }));
    await expectCaught(arena, await arena.enter(job, swapped), ejected);
  });

  it('#18 the result of another shard, under its own lease and under another’s', async () => {
    const theirs = new Wire();
    const victim = await arena.join({ reports: 0 }, { connect: theirs.connect });
    await until('a peer holds a lease', () => theirs.assignments[0]);
    const wire = new Wire();
    let former: NamedTensors | undefined;
    const liar = await arena.enter(
      job,
      {
        outputs: (computed, { task }) => {
          const shown = former ?? computed;
          former = computed;
          return Object.fromEntries(
            Object.entries(shown).map(([name, tensor]) => {
              const rows = task.items.map((_, row) => row % tensor.dims[0]!);
              return [name, gatherItems(tensor, rows)];
            }),
          );
        },
      },
      { connect: wire.connect },
    );
    const opened = { challenge: '0'.repeat(64), openings: [] };
    const report = { type: 'report', ...opened, engine: 'wasm', computeMs: 1 };
    wire.send(encodeFrame({ ...report, assignment: theirs.assignments[0] }, {}));
    // Its first report is its own, and provisional until it is taken back.
    await expectCaught(arena, liar, { ...ejected, withinReports: 1 + AT_ONCE });
    expect(new Set(wire.refusals)).toEqual(new Set(['assignment-of-another-host']));
    expect(theirs.refusals).toEqual([]);
    await arena.dismiss(victim);
  });

  it('#38 an older protocol is told to update, and an older model’s results meet none of the new', async () => {
    const { closed, refused } = await sayHello(arena.coordinator.url, LINK_VERSION - 1);
    expect(refused).toMatchObject({
      code: 'unknown-version',
      fix: expect.stringContaining('update') as unknown,
    });
    expect(closed).toBe(4400);
    const stale = await arena.enter(job, { program: withModel(fineTuned) });
    await expectCaught(arena, stale, ejected);
  });

  it.skipIf(!existsSync('/proc/self/status'))(
    '#34 oversized frames, a million tiny tensors, nothing that inflates (memory from /proc: Linux only)',
    async () => {
      const before = memoryBytes(arena.coordinator.pid, 'VmRSS');
      for (let i = 0; i < 8; i++) {
        const wire = new Wire();
        const liar = await arena.join({ reports: 0 }, { connect: wire.connect });
        wire.send(new Uint8Array(MAX_FRAME_BYTES + 1));
        await until('its link is cut', () => wire.closes > 0 || undefined);
        await arena.dismiss(liar);
      }
      const wire = new Wire();
      const liar = await arena.join({ reports: 0 }, { connect: wire.connect });
      const control = { type: 'report', assignment: 'asg_x', root: '0'.repeat(64), computeMs: 1 };
      wire.send(encodeFrame({ ...control, engine: 'cpu' }, manyTensors(1_000_000 / 20)));
      await until('it is refused', () => wire.refusals[0]);
      expect(wire.refusals).toEqual(['malformed-tensors']);
      await arena.dismiss(liar);
      expect((await sayHello(arena.coordinator.url, LINK_VERSION - 1)).extensions).toBe('');
      const peak = memoryBytes(arena.coordinator.pid, 'VmHWM');
      expect(peak - before).toBeLessThan(200 * MiB);
    },
  );

  it('#50 malformed, mutated and hostile messages: each is refused, and the coordinator goes on', async () => {
    const random = seeded(50);
    const links = 24;
    const casesEach = 100;
    for (let link = 0; link < links; link++) {
      const wire = new Wire();
      const liar = await arena.join({ reports: 0 }, { connect: wire.connect });
      for (let i = 0; i < casesEach; i++) wire.send(hostile(random));
      // What is left of the refusals that a link may have; then it is cut.
      for (let i = 0; i < MAX_REFUSALS_PER_LINK; i++) wire.send('{"type":"__proto__"}');
      await until('its link is cut', () => wire.closes > 0 || undefined);
      expect(wire.refusals).toHaveLength(MAX_REFUSALS_PER_LINK);
      await expectNoCredit(arena.client, liar.contributor);
      await arena.dismiss(liar);
    }
    expect((await arena.client.network()).jobsRunning).toBeGreaterThan(0);
  });

  it('the honest finish: everything is right, and everybody honest is paid', () => arena.finish());

  it('#32 and where they are data, NaN is not equal to a number', async () => {
    await arena.rest();
    const liar = await arena.join({ outputs: poisoned(NaN, true), reports: 3 });
    const work = scoresWork({
      items: 64,
      itemsPerShard: 2,
      seed: 33,
      verification: { kind: 'quorum', quorum: 2 },
      acceptance: {
        kind: 'relative-l2',
        maxRelativeL2: 1e-4,
        maxElementError: 1e-3,
        nonFinite: 'data',
      },
    });
    const open = await arena.post(work);
    await until('it has reported', async () => {
      return (await reportsByContributor(open)).get(liar.contributor)?.length === 3 || undefined;
    });
    liar.pause();
    await arena.finish();
    await expectCaught(arena, liar, { by: 'quorum', response: 'refused', withinReports: 3 });
  });
});

/** A safetensors part whose header names so many empty tensors. */
function manyTensors(count: number): Uint8Array {
  const entries = Array.from({ length: count }, (_, i) => [
    `t${i}`,
    { dtype: 'F32', shape: [0], data_offsets: [0, 0] },
  ]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const padded = (json.length + 7) & ~7;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

const TEXTS = [
  '{"type":"want","count":1}',
  '{"type":"progress","assignment":"asg_x","itemsDone":1}',
  '{"type":"return","assignments":["asg_x"],"reason":"paused"}',
  '{"type":"compute-error","assignment":"asg_x","code":"c","message":"m"}',
  '{"type":"want","count":1,"__proto__":{"count":9},"constructor":{"prototype":{}}}',
  '['.repeat(2_000) + ']'.repeat(2_000),
  '{"a":'.repeat(2_000),
  '{"type":"want","count":1e999}',
  '{"type":"want","count":-0.5}',
  '[]',
  '{}',
  'null',
  '',
];

/** A message that is none: as it stands, cut short, or with a few characters or bytes changed. */
function hostile(random: Random): Message {
  const text = TEXTS[random.below(TEXTS.length)]!;
  // A cut of valid JSON is none, and a "want" of 1 more would be one: the first character always goes.
  const characters = [...text.slice(random.below(2), random.below(text.length + 1))];
  for (let i = 0; i < 3; i++) {
    if (characters.length > 0) {
      characters[random.below(characters.length)] = String.fromCharCode(random.below(0x3000));
    }
  }
  const broken = `${characters.join('')}}`;
  if (random.below(2) === 0) return broken;
  const frame = encodeFrame({ type: broken }, {});
  for (let i = 0; i < 4; i++) frame[random.below(frame.length)] = random.below(256);
  return frame.slice(0, random.below(frame.length + 1));
}

interface Farewell {
  readonly closed: number;
  readonly refused: unknown;
  /** Extensions of the WebSocket protocol that were agreed on. */
  readonly extensions: string;
}

/** What a hello of this version, which offers compression, is answered with. */
function sayHello(url: string, version: number): Promise<Farewell> {
  const address = new URL(LINK_PATH, url);
  address.protocol = 'ws:';
  const socket = new WebSocket(address, { perMessageDeflate: true });
  let refused: unknown;
  let extensions = '';
  socket.on('open', () => {
    extensions = socket.extensions;
    socket.send(JSON.stringify({ type: 'hello', version, agent: 'of last year' }));
  });
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { type: string; problem?: unknown };
    if (message.type === 'refused') refused = message.problem;
  });
  return new Promise((resolve) => {
    socket.on('close', (closed) => {
      resolve({ closed, refused, extensions });
    });
  });
}
