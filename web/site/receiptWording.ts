/** Which of the dictionary's sentences says what became of work, of proofs and of the public log. Pure. */
import type { Receipt, ShardView } from '../../shared/protocol/receipts.ts';
import type { LogStatus, Proof } from '../state/receipts/receiptsDesk.ts';
import type { InnerWords } from './i18n/enInner.ts';
import type { Figures } from './i18n/figures.ts';
import { sentenceOf } from './told.ts';

/** `+0.0024 credits`, or that there are none. */
export const amountText = (receipt: Receipt, { receipts }: InnerWords, figures: Figures): string =>
  receipt.kind === 'credited'
    ? receipts.amount(figures.credits(BigInt(receipt.microCredits)))
    : receipts.noAmount;

/** The head of a line: what became of the work. */
export const titleOf = (receipt: Receipt, { receipts }: InnerWords): string =>
  receipt.kind === 'credited'
    ? receipts.accepted(receipt.items)
    : receipts.refused[refusalOf(receipt.code)](receipt.items);

/** What was computed; `shard` is null while it is not known. */
export function workText(
  receipt: Receipt,
  shard: ShardView | null,
  { receipts }: InnerWords,
): string {
  const { items, stage } = receipt;
  const work = shard === null ? receipts.items(items) : receipts.itemsOf(items, shard.jobName);
  const part = stage === undefined ? work : receipts.withStage(work, stage + 1);
  const probes = receipt.kind === 'credited' ? (receipt.probes ?? 0) : 0;
  return sentenceOf(probes === 0 ? part : receipts.withProbes(part, probes));
}

function refusalOf(code: string): keyof InnerWords['receipts']['refused'] {
  switch (code) {
    case 'disagree':
    case 'inconclusive':
      return code;
    case 'too-late':
    case 'lease-expired':
      return 'late';
    case 'opened-not-reported':
      return 'unopened';
    default:
      return code.startsWith('report-') || code.startsWith('commit-') ? 'malformed' : 'engine';
  }
}

/** Whether what is said of a line can still change. */
export const finalText = (receipt: Receipt, { receipts }: InnerWords): string =>
  receipt.kind === 'credited' ? receipts.finalCredit : receipts.finalRefusal;

export const verdictText = (verdict: string, { receipts: { verdicts } }: InnerWords): string =>
  Object.hasOwn(verdicts, verdict) ? verdicts[verdict as keyof typeof verdicts] : verdict;

/** By how many others a shard was looked at. */
export function checkersText({ by, reports }: ShardView, { receipts }: InnerWords): string {
  switch (by) {
    case 'quorum':
      return reports.length === 1 ? receipts.by.nobody : receipts.by.quorum(reports.length);
    case 'referee':
    case 'check':
      return receipts.by[by](reports.length);
    case undefined:
      return '';
    default:
      return by satisfies never;
  }
}

/** `Proven: entry 12 of 312, checkpoint signed by …`, or why not. */
export function proofText(proof: Proof, { publicLog }: InnerWords): string {
  if (proof.ok) {
    const { index, log } = proof.value;
    return publicLog.proven(index, log.checkpoint.size, log.signer);
  }
  const { error } = proof;
  switch (error.kind) {
    case 'unnumbered':
      return publicLog.unnumbered;
    case 'pending':
      return publicLog.notYet;
    case 'behind':
      return publicLog.behind;
    case 'unreachable':
      return publicLog.unprovenUnreachable;
    case 'withheld':
      return publicLog.unprovenWithheld;
    case 'alarm':
      return publicLog.unprovenAlarm(publicLog.alarms[error.alarm.kind]);
    default:
      return error satisfies never;
  }
}

export function statusText(
  status: LogStatus,
  remembers: boolean,
  { publicLog }: InnerWords,
): string {
  switch (status.kind) {
    case 'unchecked':
      return publicLog.unchecked;
    case 'checking':
      return publicLog.checking;
    case 'proven': {
      const { log, credits } = status;
      return [
        publicLog.size(log.checkpoint.size, log.signer),
        // A log that was empty then has nothing to go on from.
        log.before === null || log.before === 0
          ? publicLog.firstSeen
          : publicLog.goesOn(log.before),
        ...(credits === 0 ? [] : [publicLog.found(credits)]),
        ...(remembers ? [] : [publicLog.forgets]),
      ].join(' ');
    }
    case 'unreachable':
      return publicLog.unreachable;
    case 'withheld':
      return publicLog.withheld;
    case 'behind':
      return publicLog.behind;
    case 'pending':
      return publicLog.pending;
    case 'alarm':
      return publicLog.alarm(publicLog.alarms[status.alarm.kind]);
    default:
      return status satisfies never;
  }
}
