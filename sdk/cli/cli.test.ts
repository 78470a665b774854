/**
 * The command line without a process: exit codes, what goes to which stream, and a job from files to a file.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobSpecSchema } from '../../shared/protocol/job.ts';
import { problemDetails } from '../../shared/protocol/problem.ts';
import { tensorOf, valuesOf } from '../../shared/tensor.ts';
import { encodeNpy } from '../inputs/npy.ts';
import { readTensorFile } from '../inputs/wholeFile.ts';
import { doneView, eventText, jobView, pageReply, settledView } from '../testing/jobViews.ts';
import { scriptedServer, type Handler, type ScriptedServer } from '../testing/scriptedServer.ts';
import { ranCli, type Ran } from './testing/ranCli.ts';

let folder = '';
let server: ScriptedServer | undefined;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'cli-'))));
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

const run = (argv: string[], signal?: AbortSignal): Promise<Ran> => ranCli(argv, server, signal);

const serve = async (handler: Handler): Promise<void> => {
  server = await scriptedServer(handler);
};
const at = (name: string): string => join(folder, name);
const writeInput = (name: string): Promise<void> =>
  writeFile(at(name), encodeNpy(tensorOf('F32', [4, 1], Float32Array.of(1, 2, 3, 4))));

describe('usage', () => {
  it.each([
    ['nothing known', ['frobnicate'], 'unknown command'],
    ['an unknown option', ['jobs', 'ls', '--frob'], 'unknown option'],
    ['a missing id', ['jobs', 'show'], "missing required argument 'id'"],
    ['neither model nor kernel', ['submit', '--items', '4'], 'came: neither'],
    ['both model and kernel', ['submit', '--model', 'm', '--kernel', 'k@1'], 'came: both'],
    ['no items', ['submit', '--kernel', 'k@1'], '--items N'],
    ['a bad count', ['submit', '--kernel', 'k@1', '--items', '1e3'], '--items: expected a whole'],
    ['a bad budget', ['submit', '--kernel', 'k@1', '--items', '1', '--budget', '-1'], '--budget'],
    [
      'a time of no unit',
      [...'submit --kernel k@1 --items 1 --expires-after 12'.split(' ')],
      '--expires-after: expected 10s to 366d',
    ],
    [
      'too short a time',
      [...'submit --kernel k@1 --items 1 --expires-after 9s'.split(' ')],
      'came: 9s',
    ],
    ['a bad policy', ['submit', '--kernel', 'k@1', '--verify', 'majority'], 'quorum=K'],
    ['two policies', [...'submit --kernel k@1 --verify sampled,quorum=2'.split(' ')], 'one of'],
    ['too large a quorum', ['submit', '--kernel', 'k@1', '--verify', 'quorum=8'], 'from 1 to 7'],
    ['auto beside another', [...'submit --kernel k@1 --verify auto,quorum=2'.split(' ')], 'one of'],
    [
      'a bound of no policy',
      [...'submit --kernel k@1 --verify sampled --most-wrong 1%'.split(' ')],
      'came: with --verify sampled',
    ],
    [
      'liars of no policy',
      [...'submit --kernel k@1 --verify algebraic --liars 1%'.split(' ')],
      '--liars: expected with --verify auto',
    ],
    [
      'too many liars',
      [...'submit --kernel k@1 --items 1 --liars 51%'.split(' ')],
      '--liars: expected a share from 0 to 0.5',
    ],
    [
      'a bound that is no share',
      [...'submit --kernel k@1 --items 1 --most-wrong few'.split(' ')],
      'such as 0.005 or 0.5%',
    ],
    ['a policy for two', [...'submit --kernel k@1 --verify algebraic,exact'.split(' ')], 'alone'],
    [
      'a second opinion of one',
      [...'submit --kernel k@1 --verify algebraic --second-opinion referee'.split(' ')],
      'came: with --second-opinion',
    ],
    ['params that are no JSON', ['submit', '--kernel', 'k@1', '--params', '{'], '--params'],
    ['params that are no object', ['submit', '--kernel', 'k@1', '--params', '[1]'], 'JSON object'],
    ['params of a model', ['submit', '--model', 'm', '--params', '{}'], 'no meaning with --model'],
    ['an absent model', ['submit', '--model', '/none/m.onnx'], 'readable file'],
    [
      'webhooks to somewhere else',
      [...'serve --webhook-networks lan'.split(' ')],
      'public, private, none',
    ],
    ['an output ending', ['submit', '--kernel', 'k@1', '--output', 'a.png'], '.npz'],
    ['a second opinion', ['submit', '--second-opinion', 'me'], 'Allowed choices'],
    ['an engine', ['contribute', '--engine', 'gpu'], 'Allowed choices'],
    ['too many volunteers', ['contribute', '--count', '1000'], '--count: expected'],
    ['a GPU in Node', ['contribute', '--engine', 'node', '--gpu'], '--gpu'],
    ['a port', ['serve', '--port', '70000'], '--port: expected a whole number'],
    ['a blob store', ['serve', '--blob-store', 's3://b'], 'expected a directory'],
    ['an address with a path', ['serve', '--advertise', 'http://a:1/x'], 'and no path'],
    ['an address without http', ['serve', '--advertise', '10.0.0.5:8787'], '--advertise: expected'],
    ['a coordinator URL', ['jobs', 'ls', '--url', 'localhost'], 'coordinator URL'],
  ])('%s is a usage error that says what to do', async (_what, argv, message) => {
    const { code, out, err } = await run(argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
    expect(out).toBe('');
  });

  it('documents its exit codes, and --help is no error', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('5    the job failed or was cancelled');
  });

  it('wants a name for an array that has none, and one array for a name', async () => {
    await writeInput('x.npy');
    const nameless = await run(['submit', '--kernel', 'k@1', '--input', at('x.npy')]);
    expect(nameless).toMatchObject({ code: 2 });
    expect(nameless.err).toContain(`--input NAME=${at('x.npy')}`);
    const twice = ['--input', `x=${at('x.npy')}`, '--input', `x=${at('x.npy')}`];
    const repeated = await run(['submit', '--kernel', 'k@1', ...twice]);
    expect(repeated).toMatchObject({ code: 2 });
    expect(repeated.err).toContain('give each name once');
  });
});

describe('coordinator', () => {
  it('that cannot be reached is exit code 4', async () => {
    // A port that was just free: nothing listens there.
    await serve(() => 'break');
    const { url } = server!;
    await server!.close();
    server = undefined;
    const { code, err } = await run(['jobs', 'ls', '--url', url]);
    expect(code).toBe(4);
    expect(err).toContain('check that a coordinator runs at');
  });

  it('that refuses is exit code 3, with its problem; in JSON with --json', async () => {
    const problem = problemDetails({ code: 'not-authenticated', detail: 'no such key' });
    await serve(() => ({ status: 401, json: problem }));
    const plain = await run(['jobs', 'ls']);
    expect(plain).toMatchObject({ code: 3, out: '' });
    expect(plain.err).toContain('idlewave keys create');
    const json = await run(['jobs', 'ls', '--json']);
    expect(json).toMatchObject({ code: 3, out: '' });
    expect(JSON.parse(json.err)).toEqual(problem);
  });

  it('flags come before the environment', async () => {
    await serve(() => ({ json: { rows: [], next: null } }));
    await run(['jobs', 'ls', '--key', 'other']);
    expect(server!.requests[0]!.headers.authorization).toBe('Bearer other');
  });
});

describe('submit', () => {
  const coordinator: Handler = ({ method, path }) => {
    if (method === 'HEAD') return { status: 404 };
    if (method === 'PUT') return { status: 201, json: {} };
    if (path.endsWith('/events')) {
      return { events: eventText(settledView(2)) + eventText(doneView()) };
    }
    if (path.includes('/results'))
      return path.endsWith('after=0') ? pageReply([2, 0, 3, 1], { next: 9 }) : { status: 204 };
    return { status: method === 'POST' ? 201 : 200, json: jobView() };
  };
  const argv = (): string[] => [
    ...['submit', '--kernel', 'test@1', '--params', '{"size":2}', '--input', `x=${at('x.npy')}`],
    ...['--verify', 'quorum=3,exact', '--second-opinion', 'referee', '--budget', '1.5'],
    ...['--output', at('out.npy'), '--idempotency-key', 'once'],
  ];

  it('posts what the flags say, waits, and writes the results in item order', async () => {
    await writeInput('x.npy');
    await serve(coordinator);
    const { code, out, err } = await run(argv());
    expect(err).toContain('four items: 4/4 items');
    expect(out).toContain(`Wrote ${at('out.npy')}`);
    expect(code).toBe(0);
    const post = server!.requests.find(({ method }) => method === 'POST')!;
    expect(post.headers['idempotency-key']).toBe('once');
    expect(jobSpecSchema.parse(JSON.parse(post.body.toString()))).toMatchObject({
      name: 'test@1',
      program: { kind: 'kernel', kernel: 'test@1', params: { size: 2 } },
      verification: { kind: 'quorum', quorum: 3, secondOpinion: 'referee' },
      acceptance: { kind: 'exact' },
      budget: '1500000',
    });
    const written = await readTensorFile(at('out.npy'));
    if (!written.ok) throw new Error(written.error.expected);
    expect([...valuesOf(written.value['out']!)]).toEqual([0, 0, 1, 10, 2, 20, 3, 30]);
  });

  it('says so where the same job was posted before and its results are deleted', async () => {
    await writeInput('x.npy');
    const results = { kind: 'deleted', atMs: 5, why: 'time' } as const;
    const json = { ...doneView(), results };
    await serve((request) =>
      request.method === 'POST' ? { status: 200, json } : coordinator(request),
    );
    const { code, err } = await run(argv());
    expect(code).toBe(3);
    expect(err).toContain('its results are deleted by now');
    expect(err).toContain('--again posts it anew');
  });

  it.each<[string, string, object]>([
    ['', 'auto', { mostWrong: 5e-3, liars: 0.05, secondOpinion: 'contributors' }],
    ['--most-wrong 0.1% --liars 0.2', 'auto', { mostWrong: 1e-3, liars: 0.2 }],
    ['--verify auto --second-opinion referee', 'auto', { secondOpinion: 'referee' }],
    ['--verify exact', 'auto', {}],
    ['--verify sampled,exact', 'sampled', { secondOpinion: 'contributors' }],
  ])('asked with "%s" is %s', async (flags, kind, wish) => {
    await writeInput('x.npy');
    await serve(coordinator);
    const words = flags === '' ? [] : flags.split(' ');
    const { code } = await run(['submit', '--kernel', 'k@1', '--items', '4', ...words]);
    expect(code).toBe(0);
    const post = server!.requests.find(({ method }) => method === 'POST')!;
    const spec = jobSpecSchema.parse(JSON.parse(post.body.toString()));
    expect(spec.verification).toMatchObject({ kind, ...wish });
    expect(spec.acceptance?.kind).toBe(flags.includes('exact') ? 'exact' : undefined);
  });

  it.each([
    ['90s', 90_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
  ])('--expires-after %s is %d ms', async (time, expiresAfterMs) => {
    await serve(coordinator);
    const words = ['submit', '--kernel', 'k@1', '--items', '4', '--expires-after', time];
    expect((await run(words)).code).toBe(0);
    const post = server!.requests.find(({ method }) => method === 'POST')!;
    expect(JSON.parse(post.body.toString())).toMatchObject({ expiresAfterMs });
  });

  it('--watch ends with what the job took and what checking cost', async () => {
    await writeInput('x.npy');
    await serve(coordinator);
    const { code, out } = await run(['submit', '--kernel', 'k@1', '--items', '4', '--watch']);
    expect(code).toBe(0);
    expect(out).toContain('Done: 4 items in 0.1 s; checking cost 100 % on top.');
    expect(out).toContain('Results: idlewave jobs results job_1');
  });

  it('--verify algebraic asks for the check of each report by itself', async () => {
    await writeInput('x.npy');
    await serve(coordinator);
    const flags = ['--params', '{}', '--input', `x=${at('x.npy')}`, '--verify', 'algebraic'];
    expect((await run(['submit', '--kernel', 'matmul@1', ...flags])).code).toBe(0);
    const post = server!.requests.find(({ method }) => method === 'POST')!;
    const spec = jobSpecSchema.parse(JSON.parse(post.body.toString()));
    expect(spec.verification).toEqual({ kind: 'algebraic' });
    expect(spec.acceptance).toBeUndefined();
  });

  it('with --json writes one object per line and nothing else', async () => {
    await writeInput('x.npy');
    await serve(coordinator);
    const { code, out, err } = await run([...argv(), '--json']);
    expect(err).toBe('');
    const lines = out.trimEnd().split('\n');
    const types = lines.map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(['job', 'job', 'output']);
    expect(JSON.parse(lines[2]!)).toMatchObject({ settled: 4, missing: [], path: at('out.npy') });
    expect(code).toBe(0);
  });

  it('is exit code 5 where the job failed, and still writes what settled', async () => {
    await writeInput('x.npy');
    const failed = jobView({
      state: 'failed',
      reason: '2 of 4 items could not be computed',
      items: { total: 4, settled: 2, provisional: 0, failed: 2 },
      endedAtMs: 1,
    });
    await serve((request) => {
      if (request.path.endsWith('/events')) return { events: eventText(failed) };
      if (request.path.endsWith('/results?after=0')) {
        return pageReply([0, 3], { next: 2, failed: [1, 2] });
      }
      return coordinator(request);
    });
    const { code, out, err } = await run(argv());
    expect(code).toBe(5);
    expect(out).toContain('2 of 4 items');
    expect(err).toContain('No result for 2 items: 1, 2.');
    expect(err).toContain('idlewave jobs explain job_1');
  });

  it('that is interrupted says how to resume, and does not cancel', async () => {
    await writeInput('x.npy');
    const stop = new AbortController();
    await serve((request) => {
      if (!request.path.endsWith('/events')) return coordinator(request);
      setImmediate(() => stop.abort());
      return { events: eventText(settledView(1)), then: 'stay' };
    });
    const { code, err } = await run(argv(), stop.signal);
    expect(code).toBe(130);
    expect(err).toContain('idlewave jobs results job_1');
    expect(server!.lines().filter((line) => line.includes('cancel'))).toEqual([]);
  });

  it('with --estimate posts no job', async () => {
    await writeInput('x.npy');
    const { facts } = jobView();
    const cut = { items: 4, shards: 2, itemsPerShard: 2 };
    const parts = { ...cut, price: '1500000', ratePercent: 100, facts };
    const offer = (quorum: number, wrongItems: number) => ({
      verification: { kind: 'quorum', quorum, secondOpinion: 'contributors' },
      cost: { now: quorum - 1, steady: quorum - 1 },
      odds: { liars: 0.05, wrongItems, anyWrong: 2 * wrongItems, text: 'odds' },
      price: `${quorum}`,
      text: `${quorum} volunteers must agree.`,
    });
    const estimate = {
      ...parts,
      contributorsNow: 1,
      enoughContributors: false,
      hosts: {
        connected: 3,
        able: 2,
        resting: 1,
        refused: [
          { code: 'not-wished', text: 'the volunteer has\u001b chosen other work', hosts: 1 },
        ],
      },
      seconds: { low: 4.2, high: 150 },
      secondsText: 'From 1 device measured on this program. Checking is included.',
      chosen: offer(3, 4e-4),
      alternatives: [offer(2, 0.0025)],
      why: 'It is the\u001b cheapest.',
      notes: ['Mind the bytes.'],
    };
    await serve((request) =>
      request.path === '/v1/estimates' ? { json: estimate } : coordinator(request),
    );
    const { code, out } = await run([...argv(), '--estimate']);
    expect(code).toBe(0);
    expect(out).toContain('1.50 credits');
    expect(out).toContain('not enough yet');
    expect(out.replace(/\s+/g, ' ')).toContain(
      'Hosts 2 of 3 devices connected could run it now, 1 of them rests or serves others. ' +
        '1 could not: the volunteer has· chosen other work. ' +
        'Time 4.2 s to 2.5 min. From 1 device measured on this program. Checking is included.',
    );
    expect(out).toContain('Checking      quorum=3. 3 volunteers must agree.');
    expect(out).toContain('Why           It is the· cheapest.');
    expect(out).toContain('Note          Mind the bytes.');
    expect(out).toMatch(
      /^ +quorum=2 +100 % +100 % +0\.000002 +0\.25 % +0\.5 %\n> +quorum=3 +200 % +200 % +0\.000003 +1 in 2,500 +1 in 1,300$/m,
    );
    expect(server!.lines()).not.toContain('POST /v1/jobs');
  });
});
