/**
 * Where adversaries meet the running system: a coordinator process, honest hosts over real links (browser tabs among
 * them where a file asks for it), and jobs that are open while one adversary after the other tries its way.
 *
 * The honest rest while an adversary works, as volunteers may, so that what it does does not depend on who is
 * faster. Invariant: `finish` finds every item of every job right, the books without fault, and nobody honest with a
 * wrong report to its name.
 */
import { expect, vi } from 'vitest';
import { compareOutputs } from '../../../../shared/acceptance.ts';
import { collectResults, IdlewaveError, type IdlewaveClient, type Job } from '../../../client.ts';
import { findOrInstallBrowser } from '../../../cli/browser.ts';
import { buildSite } from '../../../cli/site.ts';
import { startBrowserVolunteers, type BrowserVolunteers } from '../../../cli/volunteers.ts';
import { CoordinatorProcess, type CoordinatorOptions } from '../../testing/idlewaveProcess.ts';
import { faultsOfBooks, itemsNotOnce } from '../../testing/ledger.ts';
import { startTestHost, type TestHost, type TestHostOptions } from '../../testing/testHost.ts';
import { scripted, type Script } from './engines.ts';
import type { Work } from './works.ts';

/** A real process on a machine that does much else beside it. */
const PATIENCE = { timeout: 60_000, interval: 25 } as const;

export interface ArenaOptions {
  /** Hosts in Node. */
  readonly honest?: number;
  /** And one tab of a headless Chromium on the coordinator's own page. */
  readonly tab?: boolean;
  readonly coordinator?: CoordinatorOptions;
}

interface Fight {
  readonly job: Job;
  readonly work: Work;
}

export class Arena {
  readonly coordinator: CoordinatorProcess;
  readonly client: IdlewaveClient;
  readonly honest: TestHost[] = [];
  readonly #adversaries = new Set<TestHost>();
  readonly #fights: Fight[] = [];
  #tab: BrowserVolunteers | undefined;
  #tabId: string | undefined;

  private constructor(coordinator: CoordinatorProcess) {
    this.coordinator = coordinator;
    this.client = coordinator.client();
  }

  static async open({ honest = 3, tab = false, coordinator }: ArenaOptions = {}): Promise<Arena> {
    const log = (text: string): void => console.log(text);
    if (tab) await buildSite(log);
    const arena = new Arena(await CoordinatorProcess.start(coordinator));
    for (let i = 0; i < honest; i++) {
      arena.honest.push(await startTestHost(arena.coordinator.url));
    }
    if (tab) {
      const { url } = arena.coordinator;
      const executablePath = await findOrInstallBrowser(log);
      const before = new Set((await arena.client.leaderboard()).map(({ id }) => id));
      arena.#tab = await startBrowserVolunteers({ url, count: 1, executablePath });
      arena.#tabId = await until('the tab is welcomed', async () =>
        (await arena.client.leaderboard()).map(({ id }) => id).find((id) => !before.has(id)),
      );
    }
    return arena;
  }

  async close(): Promise<void> {
    await this.#tab?.stop();
    await Promise.all([...this.#adversaries, ...this.honest].map((host) => host.stop()));
    await this.coordinator.stop();
  }

  /** Ids of everybody whom no verdict may ever blame. */
  get honestIds(): string[] {
    const hosts = this.honest.map(({ contributor }) => contributor);
    return this.#tabId === undefined ? hosts : [...hosts, this.#tabId];
  }

  /** The honest ones go on with it, as with everything. */
  async post(work: Work): Promise<Job> {
    const job = await this.client.submit(work.options);
    this.#fights.push({ job, work });
    return job;
  }

  /**
   * Posts it, lets every honest host report something of it, and has them rest. `aside`: it is not among those
   * that are finished.
   */
  async open(work: Work, { aside = false } = {}): Promise<Job> {
    await this.resume();
    const job = aside ? await this.client.submit(work.options) : await this.post(work);
    // Each rests as soon as it has: a slow one must find work left, and so must the adversaries.
    await until('every honest host has reported', async () => {
      const reports = await reportsByContributor(job);
      for (const host of this.honest) if (reports.has(host.contributor)) host.pause();
      if (this.#tabId !== undefined && reports.has(this.#tabId)) await this.#pauseTab();
      return this.honestIds.every((id) => reports.has(id)) || undefined;
    });
    await this.rest();
    return job;
  }

  /** The honest ones give back what they hold, and what they reported is checked. */
  async rest(): Promise<void> {
    for (const host of this.honest) host.pause();
    await this.#pauseTab();
    for (const { job } of this.#fights) await quiet(job);
  }

  async #pauseTab(): Promise<void> {
    const pause = this.#tab?.pages[0]?.getByTestId('pause');
    if ((await pause?.isVisible()) === true) await pause?.click();
  }

  async resume(): Promise<void> {
    for (const host of this.honest) host.resume();
    const resume = this.#tab?.pages[0]?.getByTestId('resume');
    if ((await resume?.isVisible()) === true) await resume?.click();
  }

  /** An adversary takes part, one report at a time: it waits until the one before has been checked. */
  async enter(job: Job, script: Script, options?: TestHostOptions): Promise<TestHost> {
    const before: Script['before'] = async (turn) => {
      await script.before?.(turn);
      await checkedReports(job, host, turn.number);
    };
    const engine = scripted({ ...script, before });
    const host: TestHost = await startTestHost(this.coordinator.url, engine, options);
    this.#adversaries.add(host);
    return host;
  }

  /** An adversary has what it deserves and goes. */
  async dismiss(host: TestHost): Promise<void> {
    if (this.#adversaries.delete(host)) await host.stop();
  }

  /** Any other host that is not honest, so that it goes with the arena. */
  async join(script: Script, options?: TestHostOptions): Promise<TestHost> {
    const host = await startTestHost(this.coordinator.url, scripted(script), options);
    this.#adversaries.add(host);
    return host;
  }

  /** Nobody may blame it either, though it is no plain host. */
  treatAsHonest(host: TestHost): void {
    this.honest.push(host);
  }

  /** The honest ones finish everything; then all of it is right and nobody honest was blamed. */
  async finish(): Promise<void> {
    for (const { job } of this.#fights) await letRefereeCheck(job);
    await this.resume();
    for (const { job, work } of this.#fights) await expectRight(job, work);
    const jobs = this.#fights.map(({ job }) => job);
    // A shard that too many adversaries had is the referee's.
    expect(await faultsOfBooks(this.client, jobs, { refereed: true })).toEqual([]);
    await this.expectNobodyHonestBlamed();
    for (const id of this.honestIds) {
      expect((await this.client.contributor(id)).agreed, `${id} is paid`).toBeGreaterThan(0);
    }
  }

  async expectNobodyHonestBlamed(): Promise<void> {
    for (const id of this.honestIds) {
      const { disagreed, errored, expired } = await this.client.contributor(id);
      expect({ id, disagreed, errored, expired }).toEqual({
        id,
        disagreed: 0,
        errored: 0,
        expired: 0,
      });
    }
    for (const host of this.honest) {
      expect(host.eventsOf('problem').map(({ text }) => text)).toEqual([]);
    }
  }
}

/** Adversaries have used up what the referee samples unasked: the author asks it for what is missing. */
async function letRefereeCheck(job: Job): Promise<void> {
  if (job.view.verification.kind !== 'sampled') return;
  try {
    await job.useReferee();
  } catch (thrown) {
    const isOver = thrown instanceof IdlewaveError && thrown.problem.code === 'job-ended';
    if (!isOver) throw thrown;
  }
}

/** The job is done, has every item once, and each is what a direct run gives. */
export async function expectRight(job: Job, { truth, same, options }: Work): Promise<void> {
  const ended = await job.done();
  const { total } = ended.items;
  expect(ended, options.name).toMatchObject({
    state: 'done',
    items: { settled: total, provisional: 0, failed: 0 },
  });
  expect(await itemsNotOnce(job)).toEqual([]);
  const { outputs } = await collectResults(job);
  expect(compareOutputs(outputs, await truth(), total, same)).toMatchObject({ kind: 'agree' });
}

export interface SeenReport {
  readonly shard: string;
  /** Of the shard. */
  readonly state: string;
  readonly verdict: string | undefined;
  readonly reason: string | undefined;
}

/** Reports that the coordinator has of a job, by who sent them. */
export async function reportsByContributor(job: Job): Promise<Map<string, SeenReport[]>> {
  const reports = new Map<string, SeenReport[]>();
  for (const { shard, state, assignments } of (await job.explain()).shards) {
    for (const { contributor, state: assigned, verdict, reason } of assignments) {
      if (assigned !== 'reported' && assigned !== 'judged') continue;
      const seen = reports.get(contributor) ?? [];
      reports.set(contributor, [...seen, { shard, state, verdict, reason }]);
    }
  }
  return reports;
}

/** Resolves when `count` assignments of this host are over: checked, or taken from it before it could report. */
export async function checkedReports(
  job: Job,
  { contributor }: TestHost,
  count: number,
): Promise<void> {
  if (count === 0) return;
  await until(`${count} reports of ${contributor} are checked`, async () => {
    const { shards } = await job.explain();
    const over = shards.flatMap(({ state, assignments }) =>
      assignments.filter(
        (it) =>
          it.contributor === contributor &&
          (it.state === 'revoked' ||
            it.verdict !== undefined ||
            (it.state === 'reported' && state !== 'open')),
      ),
    );
    return over.length >= count || undefined;
  });
}

/** Resolves when nobody holds anything of the job and no report of it waits for its check. */
export async function quiet(job: Job): Promise<void> {
  await until('nothing of the job is under way', async () => {
    const { waiting } = await job.refresh();
    const busy = waiting.some(({ code }) => code === 'computing' || code === 'checking');
    return busy ? undefined : true;
  });
}

/** Asks until there is an answer. */
export const until = <T>(what: string, ask: () => T | undefined | Promise<T | undefined>) =>
  vi.waitFor(async () => {
    const answer = await ask();
    if (answer === undefined) throw new Error(`waited in vain: ${what}`);
    return answer;
  }, PATIENCE);
