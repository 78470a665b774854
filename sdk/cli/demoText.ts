/**
 * What the demo says of its checking: why it is done so, and what it cost. Text and figures only.
 */
import type { ContributorView, JobView } from '../../shared/protocol/job.ts';
import { policyName } from '../../shared/protocol/verification.ts';
import { MICRO_CREDITS_PER_CREDIT, formatCount, formatShare } from '../../shared/units.ts';

/** Enough that two volunteers that nobody knows are checked by samples, at a fraction of their work. */
export const DEMO_ITEMS = 16_384;

/** How the job is checked, why so, and where that is dear, what a larger one would cost. */
export function checkingText({ verification, why }: JobView): string {
  const policy = `${policyName(verification)}. ${why}`;
  if (verification.kind !== 'quorum') return policy;
  return `${policy} Larger jobs are sampled, at a few percent: npm run demo -- --items ${DEMO_ITEMS}`;
}

/** The last line for a person: what checking has cost. */
export function overheadText({ checkOverhead, executions, items }: JobView): string {
  if (checkOverhead === null) return 'Nothing was verified.';
  const more = formatCount(Math.max(0, executions.byHosts - items.settled));
  return (
    `Checking cost ${formatShare(checkOverhead)} on top of the computing: volunteers computed ${more} images ` +
    `more, and the coordinator’s referee computed ${formatCount(executions.byReferee)}.`
  );
}

/** With `--keep`: where to go on, and what to click there. */
export const keptText = (
  url: string,
  contributors: readonly Pick<ContributorView, 'id'>[],
): string[] => [
  '',
  'Every credit can be followed to its shard, its checks and its entry of the public log. Open',
  ...contributors.map(({ id }) => `  ${url}/#credits/${id}`),
  'and click a line: the page proves the entry itself.',
  '',
  `Open ${url} and press “Start computing” to join; your own credits are under “My credits”.`,
  'Ctrl-C stops everything.',
];

/** The last line with `--json`. */
export const summary = (view: JobView, wrong: number, seconds: number) => ({
  jobId: view.id,
  items: view.items.total,
  settled: view.items.settled,
  wrong,
  credits: Number(view.granted) / Number(MICRO_CREDITS_PER_CREDIT),
  seconds: Math.round(seconds * 10) / 10,
  checkOverhead: view.checkOverhead,
});
