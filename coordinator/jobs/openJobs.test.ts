import { expect, it } from 'vitest';
import { openJobsSchema } from '../../shared/protocol/openJobs.ts';
import { MAX_OPEN_JOBS_SHOWN } from '../../shared/limits.ts';
import type { Region } from '../../shared/region.ts';
import type { Job } from '../core/state.ts';
import { jobOf } from '../core/testing/work.ts';
import { OpenWork } from '../engine/openWork.ts';
import { OpenJobsNow } from './openJobs.ts';

const hostWith = (engines: readonly string[], adapter: string, region?: Region) => ({
  capabilities: { engines, adapter, region },
});

function networkOf(jobs: readonly Job[], hosts: readonly unknown[] = []) {
  const work = new OpenWork();
  for (const job of jobs) work.addJob(job);
  let nowMs = 0;
  const source = { work, hosts: { all: () => hosts } } as unknown as ConstructorParameters<
    typeof OpenJobsNow
  >[0];
  const open = new OpenJobsNow(source, () => nowMs);
  return { open, work, pass: (ms: number) => (nowMs += ms) };
}

const counted = (changes: Partial<Job['counts']>, rest: Partial<Job> = {}): Job => {
  const job = jobOf(rest);
  return { ...job, counts: { ...job.counts, ...changes } };
};

it('is what the protocol promises, newest first, and hides what is secret', () => {
  const old = jobOf({ id: 'job_old' as Job['id'], createdAtMs: 1 });
  const fresh = jobOf({ id: 'job_new' as Job['id'], createdAtMs: 2 });
  const view = networkOf([old, fresh]).open.view();
  expect(openJobsSchema.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
  expect(view.jobs.map(({ id }) => id)).toEqual(['job_new', 'job_old']);
  expect(JSON.stringify(view)).not.toContain(old.permutationKey);
});

it('says what checking has cost all of them together', () => {
  const network = networkOf([
    counted({ settledItems: 100, hostExecutions: 100, refereeExecutions: 2 }),
    counted(
      { provisionalItems: 300, hostExecutions: 306 },
      { id: 'job_b' as Job['id'], createdAtMs: 9 },
    ),
  ]);
  expect(network.open.view().checkOverhead).toBeCloseTo(0.02);
  expect(networkOf([jobOf()]).open.view().checkOverhead).toBeNull();
});

it('counts devices, the most frequent first', () => {
  const hosts = [
    hostWith(['wasm'], ''),
    hostWith(['webgpu', 'wasm'], 'Apple M2'),
    hostWith(['webgpu'], 'apple m2'),
  ];
  expect(networkOf([], hosts).open.view().hosts).toEqual([
    { device: 'webgpu/apple m2', count: 2 },
    { device: 'wasm', count: 1 },
  ]);
});

it('counts regions of those that say theirs, and nothing of the others', () => {
  const hosts = [
    hostWith(['wasm'], '', 'asia'),
    hostWith(['wasm'], '', 'europe'),
    hostWith(['wasm'], '', 'europe'),
    hostWith(['wasm'], ''),
  ];
  const { open } = networkOf([], hosts);
  expect(open.view().regions).toEqual([
    { region: 'europe', count: 2 },
    { region: 'asia', count: 1 },
  ]);
  expect(networkOf([], hosts.slice(3)).open.view().regions).toEqual([]);
});

it('is made once a second, however many ask, and shows no more than the most', () => {
  const jobs = Array.from({ length: MAX_OPEN_JOBS_SHOWN + 3 }, (_, i) =>
    jobOf({ id: `job_${i}` as Job['id'], createdAtMs: i }),
  );
  const { open, pass, work } = networkOf(jobs);
  const first = open.view();
  expect([first.jobs.length, first.more]).toEqual([MAX_OPEN_JOBS_SHOWN, 3]);
  work.addJob(jobOf({ id: 'job_late' as Job['id'], createdAtMs: 1e6 }));
  expect(open.view()).toBe(first);
  pass(1_000);
  expect(open.view().jobs[0]!.id).toBe('job_late');
});
