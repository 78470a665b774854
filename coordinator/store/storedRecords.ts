/**
 * The core's records as JSON text and back: the only place that knows how a record looks in a database.
 *
 * Amounts are decimal text in JSON. PostgreSQL's JSON refuses NUL characters and lone surrogates, which
 * names and messages from outside may hold: they travel behind a private-use mark and come back as they were.
 */
import { sql } from 'kysely';
import type { Account } from '../../shared/ledger.ts';
import { encodeFact, logFactSchema, type LogFact } from '../../shared/protocol/publicLog.ts';
import { assert } from '../../shared/result.ts';
import type { RewardFactors } from '../../shared/reward.ts';
import type { RefusalEntry } from '../core/refusals.ts';
import type {
  Assignment,
  Contributor,
  CreditEntry,
  Job,
  JobCounts,
  JobState,
  Shard,
} from '../core/state.ts';
import type { LoggedMovement } from './store.ts';

/** Stands before the four hex digits of a code unit that the database would refuse, and of itself. */
const MARK = '\uE000';
/** In JSON text: an escaped backslash (skipped), a refused escape, or a mark that was in the data. */
const REFUSED = /\\\\|\\u(0000|d[89a-f][0-9a-f]{2})|\uE000/g;
const MARKED = /\uE000([0-9a-f]{4})/g;

/** JSON text that PostgreSQL takes whatever the strings hold. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.replace(REFUSED, (match, hex: string | undefined) => {
    if (match === '\\\\') return match;
    return MARK + (hex ?? 'e000');
  });
}

export function fromJson<T>(text: string): T {
  return JSON.parse(text.includes(MARK) ? text.replace(MARKED, '\\u$1') : text) as T;
}

/** A column as text: drivers differ in what they make of bigint, numeric and JSON. */
export const asText = (column: string) => sql<string>`${sql.ref(column)}::text`;

type Stored<T, Amount extends keyof T> = Omit<T, Amount> & Record<Amount, string>;

interface Progress {
  readonly state: JobState;
  readonly counts: Stored<JobCounts, 'grantedMicroCredits'>;
}

/** A job is stored in two parts: what hardly ever changes, and what changes every tick. */
export function jobRecord({ state: _, counts: __, ...job }: Job): object {
  return { ...job, priceMicroCredits: String(job.priceMicroCredits) };
}
export function jobProgress({ state, counts }: Job): object {
  return {
    state,
    counts: { ...counts, grantedMicroCredits: String(counts.grantedMicroCredits) },
  } satisfies Progress;
}
export function jobFrom(row: { readonly record: string; readonly progress: string }): Job {
  const job = fromJson<Stored<Omit<Job, 'state' | 'counts'>, 'priceMicroCredits'>>(row.record);
  const { state, counts } = fromJson<Progress>(row.progress);
  return {
    ...job,
    priceMicroCredits: BigInt(job.priceMicroCredits),
    state,
    counts: { ...counts, grantedMicroCredits: BigInt(counts.grantedMicroCredits) },
  };
}

export interface StoredShard extends Pick<Shard, 'id' | 'job' | 'index' | 'items'> {
  readonly state: string;
}
export const shardFrom = ({ id, job, index, items, state }: StoredShard): Shard => ({
  id,
  job,
  index,
  items,
  state: fromJson(state),
});

/** What a shard is sorted by among the ended ones of its job; null while it is open. */
export const sequenceOf = ({ state }: Shard): number | null =>
  'sequence' in state ? state.sequence : null;

export interface StoredAssignment extends Pick<Assignment, 'id' | 'shard'> {
  readonly record: string;
}
/** The part of an assignment beside its keys, ready for `toJson`. */
export function assignmentRecord({ id: _, shard: __, ...record }: Assignment): object {
  const { state } = record;
  if (state.kind !== 'judged') return record;
  return { ...record, state: { ...state, microCredits: String(state.microCredits) } };
}
export function assignmentFrom({ id, shard, record }: StoredAssignment): Assignment {
  const rest = fromJson<Omit<Assignment, 'id' | 'shard'>>(record);
  const { state } = rest;
  if (state.kind !== 'judged') return { id, shard, ...rest };
  return { id, shard, ...rest, state: { ...state, microCredits: BigInt(state.microCredits) } };
}

export function contributorRecord({ id: _, microCredits: __, ...record }: Contributor): object {
  return record;
}
export function contributorFrom(
  row: Pick<Contributor, 'id'> & { readonly microCredits: string; readonly record: string },
): Contributor {
  const rest = fromJson<Omit<Contributor, 'id' | 'microCredits'>>(row.record);
  return { id: row.id, ...rest, microCredits: BigInt(row.microCredits) };
}

type StoredCredit = Omit<
  CreditEntry,
  'contributor' | 'shard' | 'microCredits' | 'issued' | 'shares' | 'factors'
> & {
  readonly issued?: string;
  readonly factors?: Stored<Omit<RewardFactors, 'checks'>, 'work'> & { readonly checks?: string };
  readonly shares?: readonly { readonly to: Account; readonly microCredits: string }[];
};

export function creditRecord(credit: CreditEntry): object {
  const {
    contributor: _,
    shard: __,
    microCredits: ___,
    issued,
    shares,
    factors,
    ...record
  } = credit;
  return {
    ...record,
    ...(issued === undefined ? {} : { issued: String(issued) }),
    ...(shares === undefined
      ? {}
      : { shares: shares.map((it) => ({ ...it, microCredits: String(it.microCredits) })) }),
    ...(factors === undefined ? {} : { factors: factorsRecord(factors) }),
  } satisfies StoredCredit;
}
export function creditFrom(
  row: Pick<CreditEntry, 'contributor' | 'shard'> & {
    readonly microCredits: string;
    readonly record: string;
  },
): CreditEntry {
  const { contributor, shard, microCredits, record } = row;
  const { issued, shares, factors, ...rest } = fromJson<StoredCredit>(record);
  return {
    contributor,
    shard,
    ...rest,
    microCredits: BigInt(microCredits),
    ...(issued === undefined ? {} : { issued: BigInt(issued) }),
    ...(shares === undefined
      ? {}
      : { shares: shares.map((it) => ({ ...it, microCredits: BigInt(it.microCredits) })) }),
    ...(factors === undefined ? {} : { factors: factorsFrom(factors) }),
  };
}

type StoredFactors = NonNullable<StoredCredit['factors']>;

/** Amounts as digits. In the order of the log's own, as its readers compare them. */
export const factorsRecord = ({ work, rate, quality, checks, uptime }: RewardFactors) => ({
  work: String(work),
  rate,
  quality,
  ...(checks === undefined ? {} : { checks: String(checks) }),
  ...(uptime === undefined ? {} : { uptime }),
});
const factorsFrom = ({ work, rate, quality, checks, uptime }: StoredFactors): RewardFactors => ({
  work: BigInt(work),
  rate,
  quality,
  ...(checks === undefined ? {} : { checks: BigInt(checks) }),
  ...(uptime === undefined ? {} : { uptime }),
});

/** As the public log says it. */
export const factRecord = (fact: LogFact): object =>
  JSON.parse(new TextDecoder().decode(encodeFact(fact))) as object;

export function movementFrom(row: {
  readonly logIndex: string;
  readonly fact: string;
}): LoggedMovement {
  const fact = logFactSchema.parse(fromJson(row.fact));
  assert(fact.type !== 'shard' && fact.type !== 'credit', `movementFrom: a ${fact.type}`);
  return { movement: fact, logIndex: Number(row.logIndex) };
}

export function refusalRecord(refusal: RefusalEntry): object {
  const { contributor: _, assignment: __, ...record } = refusal;
  return record;
}
export const refusalFrom = (
  row: Pick<RefusalEntry, 'contributor' | 'assignment'> & { readonly record: string },
): RefusalEntry => ({
  contributor: row.contributor,
  assignment: row.assignment,
  ...fromJson<Omit<RefusalEntry, 'contributor' | 'assignment'>>(row.record),
});
