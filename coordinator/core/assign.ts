/**
 * Whether a shard may go to a host: ordered lists of small rules, each with a name that can be shown to a
 * person. The first rule that refuses gives the reason.
 */
import type { ContributorId } from '../../shared/ids.ts';
import type { Capabilities } from '../../shared/protocol/link.ts';
import type { Wishes } from '../../shared/protocol/wishes.ts';
import { FIT_RULES, type Misfit, type Work } from '../../shared/fit.ts';
import { unreachable } from '../../shared/result.ts';
import { byteLengthOf } from '../../shared/tensor.ts';
import type { Assignment, Job, ProgramFacts } from './state.ts';
import { programKeyOf } from './stream.ts';

/** A connected host, as far as assigning it work is concerned. */
export interface Candidate {
  readonly contributor: ContributorId;
  readonly cohort: string;
  readonly capabilities: Capabilities;
  /** What its volunteer wants to compute. */
  readonly wishes: Wishes;
  /** Until when it is given nothing, after failures in a row; 0 where it may work. */
  readonly coolsUntilMs: number;
  /** Until when its contributor is given nothing, after it dropped opened work; 0 where it may work. */
  readonly quarantinedUntilMs: number;
  /** Keys of the programs (`core/stream.ts`) on which its contributor was found to cheat. */
  readonly ejectedFrom: ReadonlySet<string>;
  /** Keys of the programs on which its GPU's class is quarantined (`core/classes.ts`). */
  readonly classQuarantines: ReadonlySet<string>;
  /** Keys of the programs that its graphics driver does not take. */
  readonly driverRefuses: ReadonlySet<string>;
}

export type Refusal =
  | 'cooling-down'
  | 'quarantined-for-aborts'
  | 'ejected'
  | 'class-quarantined'
  | 'driver-refuses'
  | Misfit
  | 'same-contributor'
  | 'same-cohort';

interface Rule<Subject> {
  readonly refusal: Refusal;
  /** In plain words, for authors and volunteers. */
  readonly text: string;
  refuses(subject: Subject): boolean;
}

/** A program, its runtime's copy of it, and the tensors of two assignments (one running, one prefetched). */
const PROGRAM_COPIES = 3;
const ASSIGNMENTS_HELD = 2;

/** May this host be given any shard of this job? */
export const JOB_RULES: readonly Rule<{ job: Job; host: Candidate; nowMs: number }>[] = [
  {
    refusal: 'cooling-down',
    text: 'the device failed several times in a row and waits a little',
    refuses: ({ host, nowMs }) => host.coolsUntilMs > nowMs,
  },
  {
    refusal: 'quarantined-for-aborts',
    text: 'the contributor dropped work again and again when it was to open what it had committed to',
    refuses: ({ host, nowMs }) => host.quarantinedUntilMs > nowMs,
  },
  {
    refusal: 'ejected',
    text: 'the contributor has given wrong results of this program again and again',
    refuses: ({ job, host }) => host.ejectedFrom.has(programKeyOf(job.program)),
  },
  {
    refusal: 'class-quarantined',
    text: 'the driver of this kind of graphics device gets this program wrong',
    refuses: ({ job, host }) => host.classQuarantines.has(programKeyOf(job.program)),
  },
  {
    refusal: 'driver-refuses',
    text: 'the graphics driver refuses the program and jobs explain says why',
    refuses: ({ job, host }) => host.driverRefuses.has(programKeyOf(job.program)),
  },
  ...FIT_RULES.map(
    ({ refusal, text, refuses }): Rule<{ job: Job; host: Candidate; nowMs: number }> => ({
      refusal,
      text,
      refuses: ({ job, host }) => refuses(asWork(job), host),
    }),
  ),
];

/** A job that is planned and not posted has no id yet. */
const asWork = (job: Omit<Job, 'id'> & { readonly id?: string }): Work => ({
  id: job.id ?? null,
  author: job.author,
  kind: job.program.kind,
  ratePercent: job.ratePercent,
  get memoryBytes() {
    return memoryOf(job);
  },
});

/** May this host be given this shard? Errored hosts do not get it again; returned and expired leases may. */
export const SHARD_RULES: readonly Rule<{ assignments: readonly Assignment[]; host: Candidate }>[] =
  [
    {
      refusal: 'same-contributor',
      text: 'a second opinion must come from another contributor',
      refuses: ({ assignments, host }) =>
        assignments.some((it) => isBarring(it) && it.contributor === host.contributor),
    },
    {
      refusal: 'same-cohort',
      text: 'a second opinion must come from an unrelated contributor',
      refuses: ({ assignments, host }) =>
        assignments.some((it) => isBarring(it) && it.cohort === host.cohort),
    },
  ];

export function refusalOf<Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
): Rule<Subject> | null {
  return rules.find((rule) => rule.refuses(subject)) ?? null;
}

/** Bytes a host needs for a job: program copies and the tensors it holds at once. */
export function memoryOf(
  job: Pick<Job, 'itemsPerShard'> & {
    readonly facts: Pick<ProgramFacts, 'inputs' | 'outputs' | 'constants' | 'programBytes'>;
  },
): number {
  const { inputs, outputs, constants = [], programBytes } = job.facts;
  // Those are in `programBytes`.
  const stacked = Object.entries(inputs).filter(([name]) => !constants.includes(name));
  const specs = [...stacked.map(([, spec]) => spec), ...Object.values(outputs)];
  const itemBytes = specs.reduce((sum, spec) => sum + byteLengthOf(spec), 0);
  return PROGRAM_COPIES * programBytes + ASSIGNMENTS_HELD * itemBytes * job.itemsPerShard;
}

/** Does this assignment bar its contributor and cohort from a further one of the same shard? */
export function isBarring({ state }: Assignment): boolean {
  switch (state.kind) {
    case 'leased':
    case 'reported':
    case 'judged':
    case 'errored':
      return true;
    case 'expired':
    case 'returned':
    case 'undelivered':
    case 'revoked':
      return false;
    default:
      return unreachable(state satisfies never);
  }
}
