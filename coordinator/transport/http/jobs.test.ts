/** Jobs over HTTP with the real referee, and a host on the real link protocol that computes them. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runBatch } from '../../../shared/program.ts';
import {
  FAILED_TENSOR,
  ITEM_TENSOR,
  RESULTS_MORE_HEADER,
  RESULTS_NEXT_HEADER,
  type ContributorView,
  type JobView,
  type ShardExplanation,
} from '../../../shared/protocol/job.ts';
import type { CreditView } from '../../../shared/protocol/receipts.ts';
import { decodeTensors } from '../../../shared/safetensors.ts';
import { valuesOf, type NamedTensors } from '../../../shared/tensor.ts';
import { findKernel } from '../../../kernels/catalog.ts';
import { referenceRunner } from '../../../kernels/referenceRunner.ts';
import { contributorIdOf } from '../link/proof.ts';
import { HttpRig, KERNEL_SPEC } from '../testing/httpRig.ts';
import type { FakeHost } from '../testing/linkRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const entry = findKernel('montecarlo@1')!;
const params = entry.manifest.params.parse(KERNEL_SPEC.program.params);
const truth = (items: readonly number[]): Promise<NamedTensors> =>
  runBatch(
    referenceRunner(entry, params),
    { items, stacked: {}, constants: {} },
    entry.manifest.outputs(params),
  );

/** Computes and reports everything that the host has been given, until nothing more comes. */
async function work(host: FakeHost): Promise<void> {
  for (let i = 0; i < host.assignments.length; i++) {
    const { message } = host.assignments[i]!;
    if (!host.all('received').some(({ assignment }) => assignment === message.assignment)) {
      await host.deliver(i, await truth(message.items));
    }
  }
}

const tensorsOf = async (response: Response): Promise<NamedTensors> => {
  const decoded = decodeTensors(new Uint8Array(await response.arrayBuffer()));
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value;
};

describe('posting', () => {
  it('answers with the job as it stands, priced and cut', async () => {
    const response = await http.ask('/v1/jobs', { body: KERNEL_SPEC });
    expect(response.status).toBe(201);
    const job = (await response.json()) as JobView;
    expect(job).toMatchObject({
      name: 'ball',
      state: 'running',
      items: { total: 10, settled: 0, failed: 0 },
      shards: { total: 10, itemsEach: 1 },
      granted: '0',
      checkOverhead: null,
      verification: { kind: 'quorum', quorum: 2, secondOpinion: 'contributors' },
      asked: { kind: 'auto', mostWrong: 5e-3, liars: 0.05, secondOpinion: 'contributors' },
      why: expect.stringContaining('sampling needs at least 4,096 items') as string,
      odds: { liars: 0.05, wrongItems: expect.closeTo(0.0025, 12) as number },
      acceptance: { kind: 'exact' },
      endedAtMs: null,
    });
    expect(job.facts).toMatchObject({
      flopsFrom: 'manifest',
      outputs: { hits: { dtype: 'U32', dims: [] } },
    });
    expect(BigInt(job.price)).toBe(20n); // ten shards, two opinions, at least one micro-credit each
    expect(job.waiting.map(({ code }) => code)).toEqual(['no-hosts']);
    expect(await http.json(`/v1/jobs/${job.id}`)).toEqual(job);
    expect(JSON.stringify(job)).not.toContain('permutationKey');
    await http.ask(`/v1/jobs/${job.id}/cancel`, { method: 'POST' });
  });

  it('the same key and specification give the same job; another specification is a conflict', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const first = await http.post({}, { headers });
    const again = await http.ask('/v1/jobs', { body: KERNEL_SPEC, headers });
    expect([again.status, ((await again.json()) as JobView).id]).toEqual([200, first.id]);
    const conflict = await http.problem('/v1/jobs', {
      body: { ...KERNEL_SPEC, items: 11 },
      headers,
    });
    expect(conflict).toMatchObject({ code: 'idempotency-conflict', status: 409, came: first.id });
    const { key } = await http.keys.create('someone else');
    const theirs = await http.post({}, { headers, key });
    expect(theirs.id).not.toBe(first.id);
    await http.ask(`/v1/jobs/${theirs.id}/cancel`, { method: 'POST', key });
    await http.ask(`/v1/jobs/${first.id}/cancel`, { method: 'POST' });
    const ended = await http.ask('/v1/jobs', { body: KERNEL_SPEC, headers });
    expect((await ended.json()) as JobView).toMatchObject({ id: first.id, state: 'cancelled' });
  });

  it('what its author offers is put aside, and told of the job', async () => {
    const job = await http.post({ itemsPerShard: 10, ratePercent: 200 });
    expect(job).toMatchObject({ price: '4', ratePercent: 200 });
    await http.ask(`/v1/jobs/${job.id}/cancel`, { method: 'POST' });
  });

  it('the budget may be the price exactly', async () => {
    const job = await http.post({ itemsPerShard: 10, budget: '2' });
    expect(job.price).toBe('2');
    await http.ask(`/v1/jobs/${job.id}/cancel`, { method: 'POST' });
  });
});

describe('from posting to results', () => {
  let job: JobView;
  let hosts: FakeHost[];
  beforeAll(async () => {
    job = await http.post({ name: 'whole life', itemsPerShard: 4 });
    hosts = [await http.links.welcomed(3, 'host_1'), await http.links.welcomed(3, 'host_2')];
    for (const host of hosts) await work(host);
    job = await http.json(`/v1/jobs/${job.id}`);
  });

  it('the job is done, everything is counted', () => {
    expect(job).toMatchObject({
      state: 'done',
      items: { total: 10, settled: 10, failed: 0 },
      shards: { total: 3, settled: 3, failed: 0, itemsEach: 4 },
      executions: { byHosts: 20, byReferee: 0, disagreed: 0 },
      checkOverhead: 1,
      granted: job.price,
      waiting: [],
    });
  });

  it('the results are the reference’s, every item once, in pages that begin where the last ended', async () => {
    const response = await http.ask(`/v1/jobs/${job.id}/results`);
    expect(response.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(response.headers.get(RESULTS_NEXT_HEADER)).toBe('3');
    expect(response.headers.get(RESULTS_MORE_HEADER)).toBe('false');
    const page = await tensorsOf(response);
    const items = [...(valuesOf(page[ITEM_TENSOR]!) as Uint32Array)];
    expect([...items].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(valuesOf(page['hits']!)).toEqual(valuesOf((await truth(items))['hits']!));
    expect(page[FAILED_TENSOR]!.dims).toEqual([0]);
    const rest = await tensorsOf(await http.ask(`/v1/jobs/${job.id}/results?after=1`));
    expect([...(valuesOf(rest[ITEM_TENSOR]!) as Uint32Array)]).toEqual(items.slice(4));
    const nothing = await http.ask(`/v1/jobs/${job.id}/results?after=3`);
    expect([
      nothing.status,
      await nothing.text(),
      nothing.headers.get(RESULTS_NEXT_HEADER),
    ]).toEqual([204, '', '3']);
  });

  it('every shard is explained with its assignments', async () => {
    const { shards, waiting } = await http.json<{ shards: ShardExplanation[]; waiting: unknown[] }>(
      `/v1/jobs/${job.id}/explain`,
    );
    expect(waiting).toEqual([]);
    expect(shards).toHaveLength(3);
    for (const shard of shards) {
      expect(shard).toMatchObject({ state: 'settled', reason: 'the reports agreed' });
      expect(shard.assignments.map(({ verdict, engine }) => [verdict, engine])).toEqual([
        ['agree', 'cpu'],
        ['agree', 'cpu'],
      ]);
      expect(shard.checked).toEqual([
        expect.stringMatching(/^All \d items of 2 unrelated volunteers’ reports were compared/),
      ]);
      expect(shard.cost.executions).toBe(2 * shard.items);
      expect(shard.remains.wrongItems).toBeCloseTo(0.0025, 12);
    }
  });

  it('one shard is explained by its number, and one that there is not is a problem', async () => {
    const path = `/v1/jobs/${job.id}/explain?shard=`;
    const { shards } = await http.json<{ shards: ShardExplanation[] }>(`${path}2`);
    expect(shards).toMatchObject([{ index: 2, state: 'settled' }]);
    expect(await http.problem(`${path}3`)).toMatchObject({
      code: 'not-found',
      expected: 'a number from 0 to 2',
      came: '3',
    });
    expect(await http.problem(`${path}1`, { key: null })).toMatchObject({
      code: 'not-authenticated',
    });
    const { key } = await http.keys.create('a stranger');
    expect(await http.problem(`${path}1`, { key })).toMatchObject({ code: 'not-found' });
  });

  it('its summary says what it took and who checked', () => {
    expect(job.summary).toMatch(
      /^10 items in [\d.]+ s; checking cost 100 % on top: volunteers computed 10 items more\.$/,
    );
  });

  it('contributors and their credits are public, without their keys', async () => {
    const id = contributorIdOf(hosts[0]!.keys.publicKey);
    const contributor = await http.json<ContributorView>(`/v1/contributors/${id}`, { key: null });
    expect(contributor).toMatchObject({
      id,
      microCredits: '3',
      verifiedItems: 10,
      agreed: 3,
      disagreed: 0,
    });
    expect(JSON.stringify(contributor)).not.toContain(hosts[0]!.keys.publicKey);
    const credits = await http.json<{ rows: CreditView[]; next: string | null }>(
      `/v1/contributors/${id}/credits`,
      { key: null },
    );
    expect(credits.next).toBeNull();
    expect(credits.rows.map(({ job, reason }) => [job, reason])).toEqual(
      Array(3).fill([job.id, 'agreed with the quorum']),
    );
    const leaders = await http.json<{ rows: ContributorView[] }>('/v1/leaderboard', { key: null });
    expect(leaders.rows.map(({ microCredits }) => microCredits).slice(0, 2)).toEqual(['3', '3']);
  });

  it('the operator sees it too, and cancelling what has ended is harmless', async () => {
    const key = http.keys.adminToken;
    expect(await http.json<JobView>(`/v1/jobs/${job.id}`, { key })).toMatchObject({ id: job.id });
    expect(await http.json<JobView>(`/v1/jobs/${job.id}/cancel`, { method: 'POST' })).toMatchObject(
      { state: 'done' },
    );
    const problem = await http.problem(`/v1/jobs/${job.id}/second-opinion`, {
      body: { secondOpinion: 'referee' },
    });
    expect(problem).toMatchObject({ code: 'job-ended', came: 'done' });
  });

  it('a closing page’s goodbye returns its leases', async () => {
    const host = await http.links.welcomed(1, 'host_bye');
    const running = await http.post({ itemsPerShard: 10 });
    expect(http.links.rig.engine.work.leased.size).toBeGreaterThan(0);
    for (const other of hosts) await other.say({ type: 'want', count: 0 });
    const { byeToken } = host.last('welcome');
    const response = await http.ask(`/v1/links/${byeToken}/bye`, { method: 'POST', key: null });
    expect(response.status).toBe(204);
    await http.links.rig.quiet();
    expect(http.links.rig.engine.hosts.count).toBe(2);
    await http.ask(`/v1/jobs/${running.id}/cancel`, { method: 'POST' });
  });
});

describe('a second opinion', () => {
  it('is the referee’s where the author allows it', async () => {
    const job = await http.post({ name: 'alone', itemsPerShard: 10 });
    for (const host of [...http.links.rig.engine.hosts.all()])
      http.links.rig.engine.leave(host, 'closing');
    const alone = await http.links.welcomed(1, 'host_alone');
    await work(alone);
    const { waiting } = await http.json<JobView>(`/v1/jobs/${job.id}`);
    expect(waiting.map(({ code }) => code)).toEqual(['needs-other-contributor']);
    const allowed = await http.json<JobView>(`/v1/jobs/${job.id}/second-opinion`, {
      body: { secondOpinion: 'referee' },
    });
    expect(allowed.verification).toMatchObject({ secondOpinion: 'referee' });
    alone.connection.closed();
  });
});

describe('listing', () => {
  it('is newest first, one’s own only, in pages that join without a gap', async () => {
    const { key } = await http.keys.create('many jobs');
    const names: string[] = [];
    for (let i = 0; i < 53; i++) {
      http.links.rig.nowMs += 1;
      names.unshift((await http.post({ name: `job ${i}`, items: 1 }, { key })).name);
    }
    type Page = { rows: JobView[]; next: string | null };
    const first = await http.json<Page>('/v1/jobs', { key });
    expect(first.rows).toHaveLength(50);
    const second = await http.json<Page>(`/v1/jobs?cursor=${encodeURIComponent(first.next!)}`, {
      key,
    });
    expect(second.next).toBeNull();
    expect([...first.rows, ...second.rows].map(({ name }) => name)).toEqual(names);
  });
});

describe('events', () => {
  it('a change while the one before is still being sent is told at once', async () => {
    const job = await http.post();
    const response = await http.ask(`/v1/jobs/${job.id}/events`);
    await http.links.rig.quiet();
    const body = { secondOpinion: 'referee' };
    await http.ask(`/v1/jobs/${job.id}/second-opinion`, { body });
    const viewed = vi.spyOn(http.links.rig.engine, 'waitingOf');
    // Nobody reads: the event of this change cannot be sent yet.
    await expect.poll(() => viewed.mock.calls.length).toBe(1);
    viewed.mockRestore();
    await http.ask(`/v1/jobs/${job.id}/cancel`, { method: 'POST' });
    expect(await response.text()).toContain('"state":"cancelled"');
  }, 5_000);

  it('begin with the job as it is, tell changes, and end with it', async () => {
    const job = await http.post({ name: 'watched' });
    const response = await http.ask(`/v1/jobs/${job.id}/events`);
    expect(response.headers.get('Content-Type')).toBe('text/event-stream');
    const ended = http.ask(`/v1/jobs/${job.id}/cancel`, { method: 'POST' });
    const text = await response.text();
    await ended;
    const events = [...text.matchAll(/^event: job\ndata: (.*)$/gm)].map(
      ([, data]) => JSON.parse(data!) as JobView,
    );
    expect(events.at(-1)).toMatchObject({ id: job.id, state: 'cancelled' });
    expect(events.every(({ id }) => id === job.id)).toBe(true);
  });
});

describe('explanations', () => {
  it('a shard that is being settled at this moment is explained too', async () => {
    const own = await HttpRig.started();
    const { rig } = own.links;
    const body = {
      ...KERNEL_SPEC,
      itemsPerShard: 10,
      verification: { kind: 'quorum', quorum: 1 },
    };
    const { id } = (await (await own.ask('/v1/jobs', { method: 'POST', body })).json()) as JobView;
    const host = await own.links.welcomed(1, 'host_slow');
    await host.say(host.commit());
    const report = host.report();
    let release = () => {};
    rig.gate = new Promise<void>((resolve) => (release = resolve));
    void host.connection.receive(report);
    // The step is made, its commit waits.
    await rig.quiet();
    const asked = own.json<{ shards: ShardExplanation[] }>(`/v1/jobs/${id}/explain`);
    await rig.quiet();
    rig.gate = null;
    release();
    expect((await asked).shards.map(({ state }) => state)).toEqual(['settled']);
    await own.close();
  });
});
