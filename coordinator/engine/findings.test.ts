import { describe, expect, it } from 'vitest';
import type { ContributorId, ShardId } from '../../shared/ids.ts';
import { afterChecks, GATE_CHECKS, NEW_STREAM, streamKeyOf, type Stream } from '../core/stream.ts';
import type { Contributor } from '../core/state.ts';
import { assignmentOf, jobOf, shardOf } from '../core/testing/work.ts';
import { Calibrations } from './calibrations.ts';
import { ClassWatch } from './classWatch.ts';
import { fileFindings } from './findings.ts';
import { Hosts } from './hosts.ts';
import type { SampleFindings } from './sampleCheck.ts';
import { contributorOf } from './testing/engineRig.ts';
import { Tick } from './tick.ts';

const job = jobOf({
  acceptance: {
    kind: 'relative-l2',
    maxRelativeL2: 1e-4,
    maxElementError: 1e-3,
    nonFinite: 'refuse',
  },
});
const KEY = streamKeyOf(job);
const [mine, theirs] = [shardOf(job, 0), shardOf(job, 1)];
const aged = afterChecks(NEW_STREAM, { clean: GATE_CHECKS, mismatched: 0 });
const right = { outcome: { clean: 2, mismatched: 0 }, fault: null };
const wrong = { outcome: { clean: 1, mismatched: 1 }, fault: 'item 7 is wrong' };
const difference = { relativeL2: 1e-6, elementError: 1e-5 };

interface Case {
  readonly ours?: Stream;
  readonly other?: Stream;
  readonly cohort?: string;
  readonly own?: typeof right | typeof wrong;
}

/** What is learned from two overlaps and one blind sample of a report of `me`. */
function filed({ ours = aged, other = aged, cohort = 'you', own = right }: Case = {}) {
  const calibrations = new Calibrations(() => undefined);
  const classes = new ClassWatch({
    hosts: new Hosts(),
    now: () => 1,
    notice: () => undefined,
    respond: () => undefined,
  });
  const reported = (engineClass: string) => ({
    kind: 'reported' as const,
    output: job.stacked ?? ('d' as never),
    probeOutput: null,
    root: '',
    engine: 'webgpu' as const,
    engineClass,
    computeMs: 1,
    atMs: 1,
  });
  const works = new Map([
    [mine.id, { shard: mine, assignments: [assignmentOf(mine, 'me', reported('webgpu/x'))] }],
    [
      theirs.id,
      {
        shard: theirs,
        assignments: [assignmentOf(theirs, 'you', reported('wasm'), { cohort })],
      },
    ],
  ]);
  const streams = new Map([
    [works.get(mine.id)!.assignments[0]!.contributor, ours],
    [works.get(theirs.id)!.assignments[0]!.contributor, other],
  ]);
  const contributor = (id: ContributorId): Contributor => ({
    ...contributorOf('any'),
    id,
    streams: [{ key: KEY, stream: streams.get(id)! }],
  });
  const overlap = { a: mine.id, b: theirs.id, difference };
  const findings: SampleFindings = {
    own,
    others: new Map([[theirs.id, right]]),
    known: [],
    checked: [],
    agreements: [overlap, overlap, { a: mine.id, b: null, difference }],
    refereed: 1,
  };
  const workOf = (id: ShardId) => works.get(id);
  fileFindings(new Tick(), job, mine.id, findings, { calibrations, classes, workOf, contributor });
  const learned = calibrations
    .all()
    .map((it): [string, number] => [it.classes.join(' ~ '), it.comparisons]);
  const clean = classes
    .all()

    .map(({ engineClass, members }): [string, number] => [engineClass, members[0]!.cleanSince]);
  return { learned: Object.fromEntries(learned), clean: Object.fromEntries(clean) };
}

describe('what is filed of a check', () => {
  it('teaches both pairs, and counts what was right for each class', () => {
    expect(filed()).toEqual({
      learned: { 'wasm ~ webgpu/x': 2, 'referee ~ webgpu/x': 1 },
      clean: { 'webgpu/x': 2, wasm: 2 },
    });
  });

  it('teaches nothing where one side has not come through the gate, or was wrong since', () => {
    const young = afterChecks(NEW_STREAM, { clean: GATE_CHECKS - 1, mismatched: 0 });
    const fallen = afterChecks(aged, { clean: 0, mismatched: 1 });
    for (const ours of [young, fallen]) expect(filed({ ours }).learned).toEqual({});
    for (const other of [young, fallen]) {
      expect(filed({ other }).learned).toEqual({ 'referee ~ webgpu/x': 1 });
    }
  });

  it('teaches nothing where both are of one cohort', () => {
    const { cohort } = assignmentOf(mine, 'me');
    expect(filed({ cohort }).learned).toEqual({ 'referee ~ webgpu/x': 1 });
  });

  it('teaches nothing from a report in which an item was wrong; its class is told with the verdict', () => {
    expect(filed({ own: wrong })).toEqual({ learned: {}, clean: { wasm: 2 } });
  });
});
