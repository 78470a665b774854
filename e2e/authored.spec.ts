/** An author's own WGSL: refused where it is wrong, before any volunteer sees it; computed in tabs where it is right. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { tensorOf } from '../shared/tensor.ts';
import { IdlewaveError, type ProgramOptions } from '../sdk/client.ts';
import { expectBalls, expectSame, postBalls, UNCHECKED } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/wgsl/heat', import.meta.url));
const SIDE = 32;
const CELLS = SIDE * SIDE;
const STEPS = 50;
const SPREAD = 0.2;
const PLATES = 40;

type Specification = Omit<Extract<ProgramOptions, { readonly wgsl: unknown }>, 'wgsl'>;
const specification = async (): Promise<Specification> =>
  JSON.parse(await readFile(`${EXAMPLE}.json`, 'utf8')) as Specification;

/** What its author expects: the same by hand. */
function heated(plate: Float32Array): Float32Array {
  let now = plate;
  for (let step = 0; step < STEPS; step++) {
    now = now.map((warm, cell, all) => {
      const [x, y] = [cell % SIDE, Math.floor(cell / SIDE)];
      if (x === 0 || y === 0 || x === SIDE - 1 || y === SIDE - 1) return 0;
      const around = all[cell - 1]! + all[cell + 1]! + all[cell - SIDE]! + all[cell + SIDE]!;
      return warm + SPREAD * (around - 4 * warm);
    });
  }
  return now;
}

test('a right module is computed by tabs, checked, and gives what its author expects', async ({
  client,
  volunteers,
}) => {
  const plates = Float32Array.from({ length: PLATES * CELLS }, (_, i) => Math.sin(i * 0.37) * 10);
  const job = await client.submit({
    name: 'heat',
    program: {
      wgsl: await readFile(`${EXAMPLE}.wgsl`, 'utf8'),
      ...(await specification()),
    },
    inputs: {
      stacked: { plate: tensorOf('F32', [PLATES, SIDE, SIDE], plates) },
      constant: { spread: tensorOf('F32', [1], Float32Array.of(SPREAD)) },
    },
    itemsPerShard: 10,
    verification: { kind: 'quorum', quorum: 2, secondOpinion: 'referee' },
  });
  // Node's hosts have no GPU: they are given none of it.
  const host = await volunteers.host();
  const visitor = await volunteers.join();
  const expected = new Float32Array(plates.length);
  for (let at = 0; at < plates.length; at += CELLS) {
    expected.set(heated(plates.subarray(at, at + CELLS)), at);
  }
  await expectSame(job, { after: tensorOf('F32', [PLATES, SIDE, SIDE], expected) });
  expect(host.eventsOf('computing')).toEqual([]);
  expect(job.view.executions.byReferee).toBe(PLATES);
  await visitor.page.getByRole('link', { name: 'Help', exact: true }).click();
  visitor.expectNothingForeign();
});

test('what only a browser’s compiler refuses costs nobody else a moment, and its words are told', async ({
  client,
  volunteers,
}) => {
  const x = tensorOf('F32', [4, 64], new Float32Array(256));
  const buffer = { dtype: 'F32', dims: [64] } as const;
  const job = await client.submit({
    name: 'barriers that are not uniform',
    program: {
      wgsl: `
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
var<workgroup> changed: atomic<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  loop {
    workgroupBarrier();
    if atomicLoad(&changed) == 0u { break; }
  }
  y[id.z * 64u + id.x] = x[id.z * 64u + id.x];
}`,
      inputs: { x: { binding: 1, ...buffer } },
      outputs: { y: { binding: 2, ...buffer } },
    },
    inputs: { stacked: { x } },
    verification: UNCHECKED,
  });
  await volunteers.join();
  const driverRefuses = async () => (await job.refresh()).waiting.map(({ text }) => text).join();
  await expect.poll(driverRefuses).toContain('the graphics driver refuses the program');
  const { shards } = await job.explain();
  const why = shards.flatMap(({ assignments }) => assignments.map(({ reason }) => reason)).join();
  expect(why).toContain("'workgroupBarrier' must only be called from uniform control flow");
  await expectBalls(
    await postBalls(client, { items: 4, engine: 'any', verification: UNCHECKED }),
    'any',
  );
});

test('a module that leaves its buffers is refused with the line, and no volunteer hears of it', async ({
  client,
  volunteers,
}) => {
  const visitor = await volunteers.join();
  const right = await readFile(`${EXAMPLE}.wgsl`, 'utf8');
  const wrong = right.replace('plate[row + cell]', 'plate[row + cell + 1u]');
  const submitted = client.submit({
    name: 'heat',
    program: { wgsl: wrong, ...(await specification()) },
    inputs: {
      stacked: { plate: tensorOf('F32', [1, SIDE, SIDE], new Float32Array(CELLS)) },
      constant: { spread: tensorOf('F32', [1], Float32Array.of(SPREAD)) },
    },
    verification: UNCHECKED,
  });
  const line = 1 + right.split('\n').findIndex((text) => text.includes('plate[row + cell]'));
  await expect(submitted).rejects.toThrow(IdlewaveError);
  await expect(submitted).rejects.toThrow(`line ${line}: element 1024 of "plate", which has 1024`);
  await visitor.expectState('waiting');
  expect(await visitor.number('shards')).toBe(0);
});
