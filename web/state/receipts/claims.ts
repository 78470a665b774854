/** Whether an entry of the public log says what the coordinator told of a credit or of a shard. Pure. */
import type { LogFact } from '../../../shared/protocol/publicLog.ts';
import type { CreditView, ShardView } from '../../../shared/protocol/receipts.ts';
import type { Claim } from './logWatch.ts';

export const claimOfCredit =
  (contributor: string, credit: CreditView): Claim =>
  (fact) => {
    const { kind: _, reason: __, atMs: ___, logIndex: ____, ...told } = credit;
    // What the log says and is not told is a difference too.
    const { issued, probes, shares, stage, factors } = credit;
    const all = { ...told, issued, probes, shares, stage, factors };
    return differenceOf('credit', fact, { contributor, ...all });
  };

export const claimOfShard =
  ({ id, job, items, output, by }: ShardView): Claim =>
  (fact) =>
    differenceOf('shard', fact, { shard: id, job, items, output, by });

/** The credit of a judged report of a shard, as far as the shard tells it. */
export const claimOfReport =
  ({ id, job, items }: ShardView, report: ShardView['reports'][number]): Claim =>
  (fact) => {
    const { contributor, assignment, microCredits } = report;
    const told = { contributor, shard: id, job, assignment, items, microCredits };
    return differenceOf('credit', fact, told);
  };

function differenceOf(
  type: LogFact['type'],
  fact: LogFact,
  told: Readonly<Record<string, unknown>>,
): string | null {
  if (fact.type !== type) return `the log has a ${fact.type} there, and no ${type}`;
  const logged: Readonly<Record<string, unknown>> = fact;
  const field = Object.keys(told).find((name) => textOf(told[name]) !== textOf(logged[name]));
  if (field === undefined) return null;
  return `the log says ${field} ${textOf(logged[field])}, the coordinator says ${textOf(told[field])}`;
}

/** Amounts are digits in JSON. */
const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'bigint'
    ? value.toString()
    : (JSON.stringify(value, (_key, it: unknown) =>
        typeof it === 'bigint' ? it.toString() : it,
      ) ?? 'nothing');
