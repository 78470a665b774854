/**
 * A page's receipts put together: finished work as the coordinator tells it, and the watch that holds it against the
 * public log. Loaded when it is wanted: nothing of it is in the page's first script.
 *
 * While credits come the log is looked at once in `LOG_CHECK_INTERVAL_MS` at most, with the latest of them.
 */
import { LOG_CHECK_INTERVAL_MS, MAX_CREDITS_PER_CHECK } from '../../../shared/limits.ts';
import type { CreditView, ShardView } from '../../../shared/protocol/receipts.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import type { VolunteerStore } from '../volunteerStore.ts';
import { browserLogMemory } from './browserLogMemory.ts';
import { claimOfCredit, claimOfReport, claimOfShard } from './claims.ts';
import type { LogAlarm } from './logAlarm.ts';
import { httpLogPort } from './logPort.ts';
import { LogWatch, type ProvenEntry, type ProvenLog, type Unproven } from './logWatch.ts';
import { receiptsApi, type ReceiptsApi } from './receiptsApi.ts';
import { verifySignature } from './verifySignature.ts';

export type LogStatus =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'checking' }
  /** `credits`: own ones that were proven to be in it, on this page. */
  | { readonly kind: 'proven'; readonly log: ProvenLog; readonly credits: number }
  | Unproven;

/** Of a credit or a shard that is older than its number in the log. */
export type Proof = Result<ProvenEntry, Unproven | { readonly kind: 'unnumbered' }>;

export interface ReceiptsDesk extends ReceiptsApi {
  /** Calls at once with the present status, then at every change; the result ends it. */
  subscribe(listener: (status: LogStatus) => void): () => void;
  /** Looks at the log now, with the latest credits of this contributor where one is given. */
  check(contributor: string | null): Promise<void>;
  proveCredit(contributor: string, credit: CreditView): Promise<Proof>;
  proveShard(shard: ShardView): Promise<Proof>;
  proveReport(shard: ShardView, report: ShardView['reports'][number]): Promise<Proof>;
  /** Takes the log as it is now, and forgets what was seen before. */
  accept(): Promise<void>;
  /** False where this browser forgets with the page. */
  remembers(): boolean;
  /** Looks at the log by itself while credits come; the result ends it. */
  follow(volunteer: VolunteerStore): () => void;
}

export function receiptsDesk(origin: string): ReceiptsDesk {
  const http: typeof fetch = (input, init) => fetch(input, init);
  const api = receiptsApi(origin, http);
  const memory = browserLogMemory();
  const port = httpLogPort(origin, http);
  const watch = new LogWatch({ port, memory, verify: verifySignature, wallMs: () => Date.now() });
  const listeners = new Set<(status: LogStatus) => void>();
  const provenCredits = new Set<number>();
  let status: LogStatus = { kind: 'unchecked' };
  const tell = (next: LogStatus): void => {
    status = next;
    for (const listener of listeners) listener(next);
  };
  const raise = (alarm: LogAlarm): void => tell({ kind: 'alarm', alarm });

  const prove = async (index: number | undefined, work: () => ReturnType<LogWatch['prove']>) => {
    if (index === undefined) return fail({ kind: 'unnumbered' } as const);
    const proof = await work();
    if (!proof.ok && proof.error.kind === 'alarm') raise(proof.error.alarm);
    return proof;
  };
  const proveCredit = (contributor: string, credit: CreditView): Promise<Proof> =>
    prove(credit.logIndex, async () => {
      const proof = await watch.prove(credit.logIndex!, claimOfCredit(contributor, credit));
      if (proof.ok) provenCredits.add(proof.value.index);
      return proof;
    });

  /** The latest credits that this page has not proven yet. */
  const proveLatest = async (contributor: string): Promise<Result<null, Unproven>> => {
    const page = await api.page(contributor, null, 'credited');
    if (!page.ok) {
      // A contributor that the coordinator has never heard of has nothing to prove.
      return page.error.kind === 'unknown'
        ? ok(null)
        : fail({ ...page.error, kind: 'unreachable' });
    }
    for (const row of page.value.rows.slice(0, MAX_CREDITS_PER_CHECK)) {
      if (row.kind !== 'credited' || row.logIndex === undefined) continue;
      if (provenCredits.has(row.logIndex)) continue;
      const proof = await proveCredit(contributor, row);
      if (proof.ok || proof.error.kind === 'unnumbered' || proof.error.kind === 'pending') continue;
      return fail(proof.error);
    }
    return ok(null);
  };

  const look = async (contributor: string | null): Promise<void> => {
    if (status.kind !== 'alarm') tell({ kind: 'checking' });
    const log = await watch.advance();
    if (!log.ok) return tell(log.error);
    const latest = contributor === null ? ok(null) : await proveLatest(contributor);
    tell(
      latest.ok ? { kind: 'proven', log: log.value, credits: provenCredits.size } : latest.error,
    );
  };
  let looking: Promise<void> | null = null;
  const check = (contributor: string | null): Promise<void> => {
    looking ??= look(contributor).finally(() => (looking = null));
    return looking;
  };

  void watch.alarm().then((alarm) => {
    if (alarm !== null) raise(alarm);
  });

  return {
    ...api,
    subscribe(listener) {
      listeners.add(listener);
      listener(status);
      return () => listeners.delete(listener);
    },
    check,
    proveCredit,
    proveShard: (shard) =>
      prove(shard.logIndex, () => watch.prove(shard.logIndex!, claimOfShard(shard))),
    proveReport: (shard, report) =>
      prove(report.logIndex, () => watch.prove(report.logIndex!, claimOfReport(shard, report))),
    async accept() {
      await watch.accept();
      provenCredits.clear();
      tell({ kind: 'unchecked' });
    },
    remembers: () => memory.lasts(),
    follow: (volunteer) => followCredits(volunteer, check),
  };
}

/** After the first credit soon, then once in a while. */
const FIRST_CHECK_MS = 5_000;

function followCredits(
  volunteer: VolunteerStore,
  check: (contributor: string) => Promise<void>,
): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let checkedAtMs: number | null = null;
  let seen: bigint | null = null;
  const unsubscribe = volunteer.subscribe(({ contributor, microCredits }) => {
    if (contributor === null || microCredits === 0n || microCredits === seen) return;
    seen = microCredits;
    if (timer !== null) return;
    const dueMs =
      checkedAtMs === null
        ? FIRST_CHECK_MS
        : Math.max(0, checkedAtMs + LOG_CHECK_INTERVAL_MS - performance.now());
    timer = setTimeout(() => {
      timer = null;
      checkedAtMs = performance.now();
      void check(contributor);
    }, dueMs);
  });
  return () => {
    unsubscribe();
    if (timer !== null) clearTimeout(timer);
  };
}
