/**
 * The jobs that are open to volunteers, as anybody may see them.
 *
 * Made from what is in memory, at most once in `MADE_EVERY_MS`: however many ask.
 */
import { MAX_OPEN_JOBS_SHOWN } from '../../shared/limits.ts';
import type { OpenJob, OpenJobs } from '../../shared/protocol/openJobs.ts';
import { LIST_PRICE } from '../../shared/units.ts';
import { memoryOf } from '../core/assign.ts';
import { engineClassOf } from '../core/engineClass.ts';
import { isPaused } from '../core/job.ts';
import { jobOfStage, stageCount } from '../core/stages.ts';
import type { Job } from '../core/state.ts';
import type { Engine } from '../engine/engine.ts';
import { executionsInHand } from '../engine/inHand.ts';
import { overheadOf } from './jobView.ts';

const MADE_EVERY_MS = 1_000;

type Source = Pick<Engine, 'work' | 'hosts'>;

export class OpenJobsNow {
  readonly #source: Source;
  readonly #now: () => number;
  #made: { readonly atMs: number; readonly view: OpenJobs } | null = null;

  constructor(source: Source, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  view(): OpenJobs {
    const nowMs = this.#now();
    if (this.#made === null || nowMs - this.#made.atMs >= MADE_EVERY_MS) {
      this.#made = { atMs: nowMs, view: openJobs(this.#source) };
    }
    return this.#made.view;
  }
}

function openJobs({ work, hosts }: Source): OpenJobs {
  const all = [...work.jobs.values()].map(({ job }) => job);
  all.sort((a, b) => b.createdAtMs - a.createdAtMs);
  const counts = { settledItems: 0, provisionalItems: 0, hostExecutions: 0, refereeExecutions: 0 };
  for (const job of all) {
    counts.settledItems += job.counts.settledItems;
    counts.provisionalItems += job.counts.provisionalItems;
    counts.hostExecutions += job.counts.hostExecutions;
    counts.refereeExecutions += job.counts.refereeExecutions;
  }
  const jobs = all.slice(0, MAX_OPEN_JOBS_SHOWN).map(openJob);
  return {
    jobs,
    more: all.length - jobs.length,
    hosts: devicesOf(hosts),
    regions: regionsOf(hosts),
    checkOverhead: overheadOf(counts, executionsInHand(work)),
  };
}

function openJob(job: Job): OpenJob {
  const { id, name, author, program, facts, items, counts } = job;
  return {
    id,
    name,
    author,
    program: {
      kind: program.kind,
      name: nameOf(program),
      bytes: facts.programBytes,
      memoryBytes: leastMemoryOf(job),
    },
    items: { total: items, settled: counts.settledItems, provisional: counts.provisionalItems },
    verification: job.verification.kind,
    disagreed: counts.disagreedReports,
    flopsPerItem: facts.flopsPerItem,
    ratePercent: job.ratePercent ?? LIST_PRICE,
    paused: isPaused(job),
    createdAtMs: job.createdAtMs,
  };
}

/** Of whoever runs least of it. */
function leastMemoryOf(job: Job): number {
  if (job.program.kind !== 'staged') return memoryOf(job);
  const stages = Array.from({ length: stageCount(job) }, (_, stage) => jobOfStage(job, stage));
  return Math.min(...stages.map(memoryOf));
}

function nameOf(program: Job['program']): string {
  switch (program.kind) {
    case 'kernel':
      return program.kernel;
    case 'onnx':
      return program.model.slice(0, 8);
    case 'wgsl':
      return program.module.slice(0, 8);
    case 'staged':
      return String(program.stages.length);
    default:
      return program satisfies never;
  }
}

/** What hosts say that they compute with: a GPU by its adapter, else WASM. */
function devicesOf(hosts: Engine['hosts']): OpenJobs['hosts'] {
  const devices = [...hosts.all()].map(({ capabilities }) => {
    const hasGpu = capabilities.engines.includes('webgpu');
    return engineClassOf(hasGpu ? 'webgpu' : 'wasm', capabilities);
  });
  return counted(devices)
    .slice(0, MAX_OPEN_JOBS_SHOWN)
    .map(([device, count]) => ({ device, count }));
}

function regionsOf(hosts: Engine['hosts']): OpenJobs['regions'] {
  const told = [...hosts.all()].flatMap(({ capabilities: { region } }) => region ?? []);
  return counted(told).map(([region, count]) => ({ region, count }));
}

/** How often each occurs, the most frequent first. */
function counted<T>(values: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
