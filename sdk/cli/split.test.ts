/**
 * `idlewave split` without a process: from a model file to stage files that compute what the model does.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildModel, node, value } from '../../shared/onnx/modelBuilder.ts';
import { ModelProtoSchema, TensorProtoSchema } from '../../shared/onnx/onnx_pb.ts';
import { runModel, runStages } from '../../shared/testing/composedStages.ts';
import { scattered } from '../../shared/testing/netBuilder.ts';
import { formatFlops } from './splitText.ts';
import { ranCli, type Ran } from './testing/ranCli.ts';

let folder = '';
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'split-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const run = (...argv: string[]): Promise<Ran> => ranCli(['split', ...argv], undefined);

/** Three dense layers over an open batch axis. */
const model = buildModel({
  name: 'dense',
  opset: 17,
  irVersion: 8,
  producer: 'test',
  inputs: [value('x', 'F32', ['N', 4])],
  outputs: [value('y', 'F32', ['N', 4])],
  nodes: [
    node('MatMul', ['x', 'w0'], ['a']),
    node('Relu', ['a'], ['b']),
    node('MatMul', ['b', 'w1'], ['c']),
    node('Relu', ['c'], ['d']),
    node('MatMul', ['d', 'w2'], ['y']),
  ],
  initializers: {
    w0: scattered([4, 4], 1),
    w1: scattered([4, 4], 2),
    w2: scattered([4, 4], 3),
  },
});
const feeds = { x: scattered([2, 4]) };

/** The same model with its weights in `file`, and the bytes of that file. */
function outside(file: string): { bytes: Uint8Array; weights: Uint8Array } {
  const proto = fromBinary(ModelProtoSchema, model);
  const weights = new Uint8Array(3 * 64);
  proto.graph!.initializer.forEach((tensor, i) => {
    weights.set(tensor.rawData, i * 64);
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = 1;
    const entries = { location: file, offset: String(i * 64), length: '64' };
    tensor.externalData = create(TensorProtoSchema, {
      externalData: Object.entries(entries).map(([key, entry]) => ({ key, value: entry })),
    }).externalData;
  });
  return { bytes: toBinary(ModelProtoSchema, proto), weights };
}

interface StageList {
  readonly model: { readonly file: string; readonly digest: string };
  readonly stages: readonly { file: string; digest: string; bytes: number; layers: number }[];
}

const listIn = async (name: string): Promise<StageList> =>
  JSON.parse(await readFile(at(name), 'utf8')) as StageList;

async function composed(list: StageList, dir: string) {
  const stages = await Promise.all(
    list.stages.map(async ({ file }) => ({ bytes: await readFile(join(dir, file)) })),
  );
  return runStages(stages, feeds, 'disabled');
}

describe('idlewave split', () => {
  it('--plan says per stage layers, bytes, FLOPs and what crosses, and writes nothing', async () => {
    await writeFile(at('m.onnx'), model);
    const { code, out, err } = await run(
      at('m.onnx'),
      '--stages',
      '3',
      '--plan',
      '--shape',
      'x=2,4',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      '3 stages; one run is x [2,4]',
      'STAGE  LAYERS  WEIGHTS  MEMORY  FLOP  SHARE  SENDS  WHAT',
      '    0       2     64 B   128 B    72   35 %   32 B  b (32 B)',
      '    1       2     64 B   128 B    72   35 %   32 B  d (32 B)',
      '    2       1     64 B   128 B    64   31 %   32 B  y (32 B)',
      'The dearest stage has 35 % of the work (even would be 33 %); 64 B cross from stage to stage in one run.',
      '',
    ]);
    expect(await readdir(folder)).toEqual(['m.onnx']);
  });

  it('writes stages that compose to the model, and the list that names them', async () => {
    await writeFile(at('m.onnx'), model);
    const { code, out } = await run(
      at('m.onnx'),
      '--stages',
      '2',
      '--out',
      at('out/stages'),
      '--json',
    );
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(lines.map(({ type }) => type)).toEqual(['plan', 'stage', 'stage', 'output']);
    expect((await readdir(at('out/stages'))).sort()).toEqual([
      'm.stage-0.onnx',
      'm.stage-1.onnx',
      'm.stages.json',
    ]);
    const list = await listIn('out/stages/m.stages.json');
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(list.model).toEqual({ file: 'm.onnx', digest: sha256(model) });
    for (const { file, digest, bytes } of list.stages) {
      const written = await readFile(at(`out/stages/${file}`));
      expect([digest, bytes]).toEqual([sha256(written), written.byteLength]);
    }
    expect(await composed(list, at('out/stages'))).toEqual(
      await runModel(model, feeds, 'disabled'),
    );
  });

  it('--max-stage-bytes alone takes the fewest stages that fit', async () => {
    await writeFile(at('m.onnx'), model);
    const { out } = await run(at('m.onnx'), '--max-stage-bytes', '1KiB', '--plan');
    expect(out).toContain('1 stage; one run');
    const two = await run(at('m.onnx'), '--max-stage-bytes', '176', '--plan');
    expect(two.out).toContain('2 stages');
    const none = await run(at('m.onnx'), '--max-stage-bytes', '95', '--plan');
    expect(none.code).toBe(2);
    expect(none.err).toContain('stages of at most 95 bytes each');
    expect(none.err).toContain('came: at least 96 bytes');
  });

  it('weights in other files go into the stages that need them', async () => {
    const { bytes, weights } = outside('data/w.bin');
    await mkdir(at('data'));
    await writeFile(at('data/w.bin'), weights);
    await writeFile(at('m.onnx'), bytes);
    const { code, err } = await run(at('m.onnx'), '--stages', '3', '--out', folder);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const list = await listIn('m.stages.json');
    expect(await composed(list, folder)).toEqual(await runModel(model, feeds, 'disabled'));
  });

  it.each([
    ['climbs out of the folder', '../w.bin', "inside of the model's own folder"],
    ['is a link to outside', 'link.bin', "inside of the model's own folder"],
    ['is absolute and not there', '/w-that-is-not-there.bin', 'put the file beside the model'],
    ['is a folder', 'inner', 'a file of weights'],
    ['is missing', 'absent.bin', 'put the file beside the model'],
    ['is cut short', 'short.bin', 'cut short'],
  ])('a weight file that %s is refused', async (_what, file, message) => {
    const { bytes, weights } = outside(file);
    await mkdir(at('models/inner'), { recursive: true });
    await writeFile(at('w.bin'), weights);
    await symlink(at('w.bin'), at('models/link.bin'));
    await writeFile(at('models/short.bin'), weights.subarray(0, 191));
    await writeFile(at('models/m.onnx'), bytes);
    const { code, err } = await run(at('models/m.onnx'), '--stages', '2', '--out', at('out'));
    expect(err).toContain(message);
    expect(code).toBe(2);
    expect(await readdir(folder)).not.toContain('out');
  });

  it('a model that does not run here is planned by what it declares, and that is said', async () => {
    const strange = buildModel({
      name: 'strange',
      opset: 17,
      irVersion: 8,
      producer: 'test',
      inputs: [value('x', 'F32', [4])],
      outputs: [value('y', 'F32', [4])],
      nodes: [
        node('Relu', ['x'], ['a']),
        { ...node('Mystery', ['a'], ['y']), domain: 'elsewhere' },
      ],
    });
    await writeFile(at('m.onnx'), strange);
    const { code, out, err } = await run(at('m.onnx'), '--stages', '2', '--plan');
    expect(code).toBe(0);
    expect(err).toContain('Planned by what the model declares: it does not run on zeros here');
    expect(out).toContain('Estimated, not counted: Relu, elsewhere:Mystery');
    expect(out).toContain('a (size unknown)');
    expect(out).toContain('The size of 1 value is not known');
    const quiet = await run(at('m.onnx'), '--stages', '2', '--plan', '--no-run');
    expect(quiet).toMatchObject({ code: 0, err: '', out });
  });

  it.each([
    ['neither number nor memory', [], 'expected --stages N or --max-stage-bytes N'],
    ['too many stages', ['--stages', '17'], '--stages: expected a whole number from 1 to 16'],
    ['more stages than layers', ['--stages', '6'], 'ask for 5 or fewer'],
    ['memory that is no number', ['--max-stage-bytes', '1MB'], 'such as 268435456 or 256MiB'],
    ['no memory', ['--max-stage-bytes', '0'], 'expected bytes'],
    ['a shape without dims', ['--stages', '2', '--shape', 'x'], 'expected name=1,3,240,320'],
    ['a shape of nothing known', ['--stages', '2', '--shape', 'z=1,4'], 'expected one of x'],
    ['a shape that does not fit', ['--stages', '2', '--shape', 'x=1,5'], 'expected [N,4]'],
  ])('%s is a usage error', async (_what, argv, message) => {
    await writeFile(at('m.onnx'), model);
    const { code, out, err } = await run(at('m.onnx'), '--plan', ...argv);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  it('a file that is no model is refused', async () => {
    await writeFile(at('m.onnx'), 'not a model');
    const { code, err } = await run(at('m.onnx'), '--stages', '2');
    expect(code).toBe(2);
    expect(err).toContain('expected an ONNX model');
  });

  it('an interrupt ends it before it writes', async () => {
    await writeFile(at('m.onnx'), model);
    const argv = ['split', at('m.onnx'), '--stages', '2', '--out', at('out')];
    const { code, err } = await ranCli(argv, undefined, AbortSignal.abort());
    expect({ code, err }).toEqual({ code: 130, err: 'Interrupted.\n' });
    expect(await readdir(folder)).toEqual(['m.onnx']);
  });
});

it('formatFlops keeps three digits', () => {
  expect([0, 999, 999.6, 1000, 1234567, 5e15, 2e18].map(formatFlops)).toEqual([
    '0',
    '999',
    '1 k',
    '1 k',
    '1.23 M',
    '5 P',
    '2000 P',
  ]);
});
