/**
 * Reading all that a coordinator says of credit and results, page after page, to compare it with itself.
 */
import type { CreditView } from '../../../shared/protocol/receipts.ts';
import type { IdlewaveClient, Job } from '../../client.ts';

async function allCredits(client: IdlewaveClient, id: string): Promise<CreditView[]> {
  const rows: CreditView[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.credits(id, { cursor });
    rows.push(...page.rows);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

/**
 * What is wrong with the books; empty where every credit was given once, for a settled shard, and sums up.
 * `refereed`: some shards were computed by the referee, for which nobody is paid. Shards are of one size then.
 */
export async function faultsOfBooks(
  client: IdlewaveClient,
  jobs: readonly Job[],
  { refereed = false } = {},
): Promise<string[]> {
  const faults: string[] = [];
  const granted = new Map(jobs.map((job) => [job.id as string, 0n]));
  /** Without what the network pays: probes. */
  const paid = new Map(jobs.map((job) => [job.id as string, 0n]));
  const reports = new Map(jobs.map((job) => [job.id as string, 0]));
  for (const contributor of await client.leaderboard()) {
    const credits = await allCredits(client, contributor.id);
    const sum = credits.reduce((total, credit) => total + BigInt(credit.microCredits), 0n);
    if (sum !== BigInt(contributor.microCredits)) {
      faults.push(`${contributor.id}: credits sum to ${sum}, not ${contributor.microCredits}`);
    }
    if (credits.length !== contributor.agreed) {
      faults.push(`${contributor.id}: ${credits.length} credits, ${contributor.agreed} agreed`);
    }
    const shards = new Set(credits.map(({ shard }) => shard));
    if (shards.size !== credits.length)
      faults.push(`${contributor.id}: a shard was credited twice`);
    for (const { job, microCredits, issued = '0' } of credits) {
      granted.set(job, (granted.get(job) ?? 0n) + BigInt(microCredits));
      paid.set(job, (paid.get(job) ?? 0n) + BigInt(microCredits) - BigInt(issued));
      reports.set(job, (reports.get(job) ?? 0) + 1);
    }
  }
  for (const job of jobs) {
    const { granted: said, price, shards, verification } = await job.refresh();
    if (granted.get(job.id) !== BigInt(said)) {
      faults.push(`${job.id}: credits of ${granted.get(job.id)}, the job says ${said}`);
    }
    const opinions = verification.kind === 'quorum' ? verification.quorum : 1;
    const expected = shards.total * opinions;
    if (refereed) {
      const share = BigInt(price) * BigInt(reports.get(job.id)!);
      const came = paid.get(job.id)!;
      if (came * BigInt(expected) === share) continue;
      faults.push(`${job.id}: paid ${came}, not ${reports.get(job.id)} of ${expected} parts`);
      continue;
    }
    // Nobody but the hosts gave opinions, and every one of them was asked for: the price is paid in full.
    if (paid.get(job.id) !== BigInt(price))
      faults.push(`${job.id}: paid ${paid.get(job.id)} of the price ${price}`);
    if (reports.get(job.id) !== expected) {
      faults.push(`${job.id}: ${reports.get(job.id)} credited reports, not ${expected}`);
    }
  }
  return faults;
}

/** Items that the pages of results hold not exactly once. */
export async function itemsNotOnce(job: Job): Promise<number[]> {
  const times = new Uint8Array(job.view.items.total);
  for await (const page of job.pages()) for (const item of page.items) times[item]! += 1;
  return [...times.keys()].filter((item) => times[item] !== 1);
}
