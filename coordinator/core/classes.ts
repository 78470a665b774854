/**
 * Faults that follow an engine class: which contributors of a class were checked on a program, which of them were
 * found wrong, and whether that is a driver's doing and not theirs.
 *
 * Invariant: what is forgiven is bought with the class's work: a class is quarantined first, and lifting it returns its
 * contributors as newcomers. So who makes up a class of its own gains nothing that a new key would not give.
 */
import type { ContributorId } from '../../shared/ids.ts';
import { hasDriver } from './engineClass.ts';
import { onProbation, type Stream } from './stream.ts';

export interface ClassRecord {
  /** Its key (`core/stream.ts`). */
  readonly program: string;
  readonly engineClass: string;
  /** Contributors checked lately, the one heard of last at the end. */
  readonly members: readonly ClassMember[];
  readonly state: ClassState;
}

export interface ClassMember {
  readonly contributor: ContributorId;
  readonly cohort: string;
  /** Reports found wrong. */
  readonly wrong: number;
  /** Items found right since the last wrong report. */
  readonly cleanSince: number;
}

export type ClassState =
  | { readonly kind: 'trusted' }
  | {
      readonly kind: 'quarantined';
      readonly atMs: number;
      /** What it was for: reports found wrong, and the contributors they were of. */
      readonly wrongReports: number;
      readonly contributors: number;
    };

/** Contributors that are remembered of one class: enough for a majority to mean something. */
const MAX_MEMBERS = 64;
/** Unrelated contributors of a class that must be wrong before it is the class that is wrong. */
const MIN_WRONG_COHORTS = 3;
/** Of the other classes together, at most this share may be wrong: else it is the program, not a driver. */
const MOST_WRONG_ELSEWHERE = 1 / 3;
/** Items found right in a row that make up for a wrong report: hardware fails now and then. */
const CLEAN_AGAIN = 256;

export const newClass = (program: string, engineClass: string): ClassRecord => ({
  program,
  engineClass,
  members: [],
  state: { kind: 'trusted' },
});

/** What was found of one contributor's report of this class. */
export interface ClassFinding {
  readonly contributor: ContributorId;
  readonly cohort: string;
  /** Items found right; of a report that was found wrong, none. */
  readonly clean: number;
  readonly isWrong: boolean;
}

export function afterFinding(record: ClassRecord, finding: ClassFinding): ClassRecord {
  const { contributor, cohort, clean, isWrong } = finding;
  const before = record.members.find((member) => member.contributor === contributor);
  const member: ClassMember = {
    contributor,
    cohort,
    wrong: (before?.wrong ?? 0) + Number(isWrong),
    cleanSince: isWrong ? 0 : (before?.cleanSince ?? 0) + clean,
  };
  const others = record.members.filter((it) => it.contributor !== contributor);
  return { ...record, members: [...others.slice(-(MAX_MEMBERS - 1)), member] };
}

/** Do the wrong reports follow the class, and neither its contributors nor the program? */
export function followsClass(record: ClassRecord, others: readonly ClassRecord[]): boolean {
  if (record.state.kind === 'quarantined' || !hasDriver(record.engineClass)) return false;
  const wrong = wrongCohorts(record.members);
  const all = new Set(record.members.map(({ cohort }) => cohort));
  if (wrong.size < MIN_WRONG_COHORTS || wrong.size * 2 <= all.size) return false;
  const elsewhere = others
    .filter(
      ({ engineClass, state }) => engineClass !== record.engineClass && state.kind === 'trusted',
    )
    .flatMap(({ members }) => members);
  const cohorts = new Set(elsewhere.map(({ cohort }) => cohort));
  return wrongCohorts(elsewhere).size <= cohorts.size * MOST_WRONG_ELSEWHERE;
}

export const quarantined = (record: ClassRecord, atMs: number): ClassRecord => ({
  ...record,
  state: {
    kind: 'quarantined',
    atMs,
    wrongReports: record.members.reduce((sum, { wrong }) => sum + wrong, 0),
    contributors: record.members.filter(isWrong).length,
  },
});

/** An operator lets the class work again; what was found of its members is forgotten. */
export const lifted = ({ program, engineClass }: ClassRecord): ClassRecord =>
  newClass(program, engineClass);

/** Of a quarantined class, whom its faults were charged to; not who was wrong on another class too. */
export function forgivable(record: ClassRecord, others: readonly ClassRecord[]): ClassMember[] {
  const wrongElsewhere = new Set(
    others
      .filter(
        ({ engineClass, state }) => engineClass !== record.engineClass && state.kind === 'trusted',
      )
      .flatMap(({ members }) => members.filter(isWrong))
      .map(({ contributor }) => contributor),
  );
  return record.members.filter((it) => it.wrong > 0 && !wrongElsewhere.has(it.contributor));
}

/** A stream whose wrong reports were a driver's: as new, with the checks that it had. */
export const forgiven = (stream: Stream): Stream => ({
  ...onProbation(stream),
  lastMismatchAt: stream.checks,
  score: 0,
  doubted: 0,
  ejected: false,
});

const isWrong = ({ wrong, cleanSince }: ClassMember): boolean =>
  wrong > 0 && cleanSince < CLEAN_AGAIN;

/** Cohorts, because one operator's many keys are one opinion. */
const wrongCohorts = (members: readonly ClassMember[]): Set<string> =>
  new Set(members.filter(isWrong).map(({ cohort }) => cohort));
