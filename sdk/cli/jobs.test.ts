/** What an author does with a job that is there: the commands of `idlewave jobs`, without a process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeTensors } from '../../shared/safetensors.ts';
import { jobView, pageReply, settledView } from '../testing/jobViews.ts';
import { scriptedServer, type Handler, type ScriptedServer } from '../testing/scriptedServer.ts';
import { ranCli, type Ran } from './testing/ranCli.ts';

let folder = '';
let server: ScriptedServer | undefined;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'jobs-'))));
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

const run = (argv: string[]): Promise<Ran> => ranCli(argv, server);
const serve = async (handler: Handler): Promise<void> => {
  server = await scriptedServer(handler);
};
const at = (name: string): string => join(folder, name);

describe('jobs', () => {
  it('show says what the job waits for', async () => {
    const text = 'No volunteer\u001b is connected.';
    const waiting = [{ code: 'no-hosts' as const, text, shards: 2 }];
    await serve(() => ({ json: jobView({ waiting, name: 'a\u001b[2Jb' }) }));
    const { code, out } = await run(['jobs', 'show', 'job_1']);
    expect(code).toBe(0);
    expect(out).toContain('Waits for  No volunteer· is connected.');
    expect(out).not.toContain('\u001b');
  });

  it('results of a running job are what there is so far', async () => {
    await serve(({ path }) =>
      path.includes('/results') ? pageReply([1], { next: 1 }) : { json: settledView(1) },
    );
    const { code, err } = await run(['jobs', 'results', 'job_1', '--output', at('o.npz')]);
    expect(code).toBe(0);
    expect(err).toContain('--watch waits for all');
    expect(err).toContain('No result for 3 items: 0, 2, 3.');
  });

  it('pause and resume say how the job stands then', async () => {
    await serve(({ path }) => ({
      json: jobView({ pausedAtMs: path.endsWith('/pause') ? 5 : null }),
    }));
    const paused = await run(['jobs', 'pause', 'job_1']);
    expect([paused.code, /^State +paused$/m.test(paused.out)]).toEqual([0, true]);
    expect((await run(['jobs', 'resume', 'job_1'])).out).toMatch(/^State +running$/m);
    const asked = server!.lines().filter((line) => line.startsWith('POST'));
    expect(asked).toEqual(['POST /v1/jobs/job_1/pause', 'POST /v1/jobs/job_1/resume']);
  });

  it('add says which results are the new items’, and takes rows in the shapes of the job; close ends it', async () => {
    const facts = { ...jobView().facts, inputs: { x: { dtype: 'F32' as const, dims: [2] } } };
    const openUntilMs = Date.UTC(2026, 10, 23, 4, 5);
    const open = jobView({ openUntilMs, facts });
    await serve(({ method, path }) => {
      if (method === 'HEAD') return { status: 404 };
      if (method === 'PUT') return { status: 201, json: {} };
      const isAdding = path.endsWith('/items');
      return isAdding
        ? { status: 201, json: { firstItem: 4, items: 2, job: open } }
        : { json: path.endsWith('/close') ? jobView() : open };
    });
    await writeFile(at('more.jsonl'), '[1, 2]\n[3, 4]\n');
    const add = ['jobs', 'add', 'job_1'];
    const added = await run([...add, '--input', `x=${at('more.jsonl')}`, '--budget', '0.00001']);
    expect(added).toMatchObject({ code: 0 });
    expect(added.out).toContain('Added 2 items to job_1: 4 to 5 of its results.');
    const blob = server!.requests.find(({ method }) => method === 'PUT')!.body;
    const tensors = decodeTensors(new Uint8Array(blob));
    expect(tensors.ok && tensors.value['x']?.dims).toEqual([2, 2]);
    expect((await run([...add, '--items', '2', '--json'])).out).toContain('"firstItem":4');
    const none = await run(add);
    expect([none.code, none.err.includes('--items N')]).toEqual([2, true]);
    const wrong = await run([...add, '--input', `z=${at('more.jsonl')}`]);
    expect([wrong.code, wrong.err.includes('of the job: x')]).toEqual([2, true]);
    expect((await run(['jobs', 'show', 'job_1'])).out).toContain(
      'Open       until 2026-11-23T04:05Z',
    );
    expect((await run(['jobs', 'close', 'job_1'])).out).not.toContain('Open ');
    expect(server!.lines().at(-1)).toBe('POST /v1/jobs/job_1/close');
  });

  it('raise offers more, within a budget, in the words of submit', async () => {
    await serve(() => ({ json: jobView({ ratePercent: 150 }) }));
    const raise = ['jobs', 'raise', 'job_1', '--rate'];
    const { code, out } = await run([...raise, '1.5', '--budget', '0.00001']);
    expect([code, out.includes('at 1.5 times the list price')]).toEqual([0, true]);
    const { method, path, body } = server!.requests.at(-1)!;
    expect([method, path]).toEqual(['PATCH', '/v1/jobs/job_1']);
    expect(JSON.parse(body.toString())).toEqual({ ratePercent: 150, budget: '10' });
    expect(await run([...raise, '0.1'])).toMatchObject({ code: 2 });
  });

  it('show says how large its shards are at most: the last one of a lot has what is left', async () => {
    const shards = { total: 3, settled: 1, failed: 0, itemsEach: 2 };
    await serve(() => ({ json: jobView({ shards }) }));
    const { out } = await run(['jobs', 'show', 'job_1']);
    expect(out).toContain('Shards     1 of 3 settled, up to 2 items each');
  });

  it('show says when a job expires', async () => {
    await serve(() => ({ json: jobView({ expiresAtMs: Date.UTC(2026, 10, 23, 4, 5) }) }));
    const { out } = await run(['jobs', 'show', 'job_1']);
    expect(out).toContain('Expires    2026-11-23T04:05Z');
  });

  it('delete-results asks for that, and show says what became of them', async () => {
    const atMs = Date.UTC(2026, 10, 23, 4, 5);
    const results = { kind: 'deleted', atMs, why: 'author' } as const;
    await serve(({ method }) => ({
      json: jobView({
        state: 'done',
        endedAtMs: 1,
        results: method === 'DELETE' ? results : { kind: 'kept', untilMs: atMs },
      }),
    }));
    expect((await run(['jobs', 'show', 'job_1'])).out).toContain(
      'Results    kept until 2026-11-23T04:05Z',
    );
    expect((await run(['jobs', 'delete-results', 'job_1'])).out).toContain(
      'Results    deleted 2026-11-23T04:05Z: by their author',
    );
    expect(server!.lines().at(-1)).toBe('DELETE /v1/jobs/job_1/results');
  });

  it('second-opinion asks for the referee', async () => {
    await serve(() => ({ json: jobView() }));
    expect((await run(['jobs', 'second-opinion', 'job_1', '--json'])).code).toBe(0);
    const { path, body } = server!.requests.at(-1)!;
    expect(path).toBe('/v1/jobs/job_1/second-opinion');
    expect(JSON.parse(body.toString())).toEqual({ secondOpinion: 'referee' });
  });
});
