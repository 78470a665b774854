/**
 * One host's link, as protocol logic: messages in, engine calls and messages out. Holds no socket.
 *
 * Nothing but a hello is taken before the key is proven; a bad message is answered by its problem and
 * changes nothing; too many of them close the link.
 */
import { randomBytes, type KeyObject } from 'node:crypto';
import type { AssignmentId, ContributorId, SiteId } from '../../../shared/ids.ts';
import type { CohortRule } from '../../../shared/cohortRule.ts';
import { MAX_REFUSALS_PER_LINK } from '../../../shared/limits.ts';
import {
  LINK_VERSION,
  commitText,
  type CommitMessage,
  type CoordinatorMessage,
  type HostMessage,
  type ReportMessage,
  type StageOfAssignment,
} from '../../../shared/protocol/link.ts';
import { problemDetails, type Problem } from '../../../shared/protocol/problem.ts';
import { fail, messageOf, unreachable } from '../../../shared/result.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import { ALL_WORK } from '../../../shared/protocol/wishes.ts';
import type { Assignment, Job } from '../../core/state.ts';
import { find } from '../../core/step.ts';
import type { Engine, KnownHost } from '../../engine/engine.ts';
import { Leases, type ConnectedHost } from '../../engine/hosts.ts';
import type { SwarmMessage, Swarms } from '../../engine/swarms/swarms.ts';
import type { HostLink } from '../../engine/tick.ts';
import type { JobInputs } from '../../jobs/jobInputs.ts';
import type { Metrics } from '../../metrics.ts';
import type { Store } from '../../store/store.ts';
import { cohortOf } from './cohorts.ts';
import { readHostMessage } from './hostMessages.ts';
import { contributorIdOf, helloProblem, isSignedBy, keyObjectOf } from './proof.ts';
import { assignFrame } from './assignFrame.ts';
import { staleLeaseProblem, takeReport } from './reportIntake.ts';
import { commitProblem, takeStageReport } from './stageIntake.ts';

/** What the connection needs of its socket. */
export interface LinkIo {
  readonly address: string;
  /** The coordinator's origin as the host sees it: part of what it signs. */
  readonly origin: string;
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

export interface LinkDeps {
  readonly engine: Engine;
  readonly store: Pick<Store, 'assignment'>;
  readonly inputs: JobInputs;
  /** Null where hosts get everything from the coordinator. */
  readonly swarms: Swarms | null;
  readonly cohorts: CohortRule;
  /** Of the store. */
  readonly secret: string;
  readonly now: () => number;
  readonly metrics: Pick<Metrics, 'refused'>;
  /** Capabilities to say goodbye from a closing page: token to host. */
  readonly byeTokens: Map<string, ConnectedHost>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** WebSocket close codes 4000-4999 are the application's own. */
const CLOSE_REFUSED = 4400;
const CLOSE_REPLACED = 4409;

const UNSIGNED: Problem = {
  code: 'report-signature',
  detail: 'the commitment to these outputs is not signed by the key of this link',
  expected: 'Ed25519 over commitText(origin, commit), by the key that said hello',
};

const UNCOMMITTED: Problem = {
  code: 'report-uncommitted',
  detail: 'nothing was committed to for this assignment',
  expected: 'a commit, then a report that answers its open',
};

/** The host works all the same: a site that was removed must not stop its visitors. */
const unknownSite = (came: string | undefined): Problem => ({
  code: 'not-found',
  detail:
    'the site that this host computes through is not registered here: nothing is shared with it',
  came,
  fix: 'the site’s owner registers it with idlewave sites add',
});

interface Welcomed {
  readonly kind: 'welcomed';
  readonly host: ConnectedHost;
  readonly byeToken: string;
  /** What its commitments are signed with. */
  readonly key: KeyObject;
  /** Of the contributor that the key is by itself, whatever account it leads to. */
  readonly own: ContributorId;
}

type State =
  | { readonly kind: 'challenged'; readonly nonce: string }
  | { readonly kind: 'proving' }
  | Welcomed
  | { readonly kind: 'closed' };

export class HostConnection implements HostLink {
  readonly #io: LinkIo;
  readonly #deps: LinkDeps;
  #state: State;
  #refusals = 0;
  /** It was refused once too often: whatever the socket still brings is not looked at. */
  #isClosing = false;
  /** Messages are handled in the order they came, also where one has to wait. */
  #turn: Promise<void> = Promise.resolve();

  constructor(io: LinkIo, deps: LinkDeps) {
    this.#io = io;
    this.#deps = deps;
    const nonce = randomBytes(32).toString('hex');
    this.#state = { kind: 'challenged', nonce };
    this.send({ type: 'challenge', version: LINK_VERSION, nonce });
  }

  get isWelcomed(): boolean {
    return this.#state.kind === 'welcomed';
  }

  send(message: CoordinatorMessage): void {
    if (this.#state.kind !== 'closed') this.#io.send(JSON.stringify(message));
  }

  sendAssignment(
    assignment: Assignment,
    job: Job,
    items: readonly number[],
    stage?: StageOfAssignment,
  ): void {
    assignFrame(this.#deps.inputs, assignment, job, items, stage).then(
      (data) => {
        // Meanwhile it may have been revoked: the host would compute it after being told to drop it.
        if (this.#state.kind !== 'welcomed' || !this.#state.host.leases.has(assignment.id)) return;
        this.#io.send(data);
      },
      (error: unknown) => {
        const reason = messageOf(error);
        this.#deps.log('inputs-unreadable', { job: job.id, error: reason });
        this.#deps.engine.undelivered(assignment.id, reason);
      },
    );
  }

  close(reason: string): void {
    this.#io.close(CLOSE_REPLACED, reason);
  }

  /** One message of the socket; resolves when it has been handled. */
  receive(data: string | Uint8Array): Promise<void> {
    this.#turn = this.#turn.then(() => this.#handle(data));
    return this.#turn;
  }

  /** The socket is gone. */
  closed(): void {
    const before = this.#state;
    this.#state = { kind: 'closed' };
    if (before.kind !== 'welcomed') return;
    this.#deps.byeTokens.delete(before.byeToken);
    this.#deps.swarms?.gone(before.host);
    this.#deps.engine.accounts.left(before.own, before.host);
    this.#deps.engine.disconnect(before.host);
  }

  refuse(problem: Problem, assignment?: AssignmentId): void {
    this.#deps.metrics.refused(problem.code);
    this.send({ type: 'refused', problem: problemDetails(problem), assignment });
    this.#refusals += 1;
    const mustClose = this.#state.kind !== 'welcomed' || this.#refusals >= MAX_REFUSALS_PER_LINK;
    if (!mustClose || this.#isClosing) return;
    this.#isClosing = true;
    this.#io.close(CLOSE_REFUSED, problem.code);
  }

  async #handle(data: string | Uint8Array): Promise<void> {
    if (this.#state.kind === 'closed' || this.#isClosing) return;
    const parsed = readHostMessage(data);
    if (!parsed.ok) return this.refuse(parsed.error);
    const { message, tensors } = parsed.value;
    if (this.#state.kind !== 'welcomed') {
      if (message.type === 'hello') return this.#hello(message);
      const detail = 'the first message of a link must be a hello';
      return this.refuse({ code: 'hello-expected', detail, came: message.type });
    }
    return this.#handleOf(this.#state, message, tensors);
  }

  async #handleOf(welcomed: Welcomed, message: HostMessage, tensors: NamedTensors): Promise<void> {
    const { engine } = this.#deps;
    const { host } = welcomed;
    switch (message.type) {
      case 'hello':
        return this.refuse({ code: 'hello-repeated', detail: 'this link has said hello already' });
      case 'want':
        return engine.want(host, message.count);
      case 'wishes':
        return engine.wish(host, message.wishes);
      case 'hand-over':
        return engine.handOver(host);
      case 'progress':
        return this.#progress(host, message.assignment, message.itemsDone);
      case 'commit':
        return this.#commit(welcomed, message);
      case 'report':
        return this.#report(host, message, tensors);
      case 'compute-error':
        if (!host.leases.has(message.assignment)) return this.#stale(host, message.assignment);
        return engine.computeError(host, message.assignment, message.code, message.message);
      case 'return':
        return engine.returnLeases(host, message.assignments, message.reason);
      case 'leave':
        this.#deps.swarms?.gone(host);
        return engine.leave(host, message.reason);
      case 'route-state':
        return engine.routeState(host, message);
      case 'swarm-join':
      case 'swarm-have':
      case 'swarm-lost':
      case 'swarm-leave':
        return this.#swarm(host, message);
      default:
        return unreachable(message satisfies never);
    }
  }

  async #hello(hello: Extract<HostMessage, { type: 'hello' }>): Promise<void> {
    if (this.#state.kind !== 'challenged') {
      return this.refuse({
        code: 'challenge-used',
        detail: 'the challenge has been answered already',
      });
    }
    const { nonce } = this.#state;
    this.#state = { kind: 'proving' };
    const problem = await helloProblem(hello, this.#io.origin, nonce);
    if (problem !== null) return this.refuse(problem);
    const { cohorts, secret, engine } = this.#deps;
    const { accounts } = engine;
    const own = contributorIdOf(hello.publicKey);
    const { version } = accounts;
    const found = await accounts.contributorOf({ own, publicKey: hello.publicKey });
    if (!found.ok) return this.refuse(found.error);
    const contributor = found.value;
    const site = engine.communities.sites.find((hello.site ?? '') as SiteId);
    const isUnknown = hello.site !== undefined && site === null;
    const host: ConnectedHost = {
      contributor: contributor.id,
      own,
      host: hello.host,
      cohort: cohortOf(cohorts, this.#io.address, contributor.id, secret),
      capabilities: hello.capabilities,
      link: this,
      ...(site === null ? {} : { site: site.id }),
      slots: 0,
      leases: new Leases(),
      ejectedFrom: new Set(),
      wishes: ALL_WORK,
      classQuarantines: new Set(),
      driverRefuses: new Set(),
      failuresInARow: 0,
      coolsUntilMs: 0,
      quarantinedUntilMs: 0,
      toldWaiting: null,
    };
    const key = keyObjectOf(hello.publicKey)!;
    await this.#deps.engine.connect(host, contributor, (known) =>
      this.#welcome(host, own, key, known, isUnknown ? unknownSite(hello.site) : null),
    );
    await accounts.recheck(own, host, version);
  }

  #welcome(
    host: ConnectedHost,
    own: ContributorId,
    key: KeyObject,
    known: KnownHost,
    siteProblem: Problem | null,
  ): void {
    const { microCredits, leases } = known;
    // The socket may have closed while the record became durable.
    if (this.#state.kind !== 'proving') return this.#deps.engine.disconnect(host);
    const byeToken = randomBytes(24).toString('hex');
    this.#deps.byeTokens.set(byeToken, host);
    this.#state = { kind: 'welcomed', host, byeToken, key, own };
    this.#deps.engine.accounts.entered(own, host);
    this.send({
      type: 'welcome',
      contributor: host.contributor,
      host: host.host,
      microCredits: microCredits.toString(),
      byeToken,
      leases: [...leases],
      ...(siteProblem === null ? {} : { siteProblem: problemDetails(siteProblem) }),
    });
  }

  async #swarm(host: ConnectedHost, message: SwarmMessage): Promise<void> {
    const { swarms } = this.#deps;
    const isJoin = message.type === 'swarm-join';
    if (swarms === null && isJoin)
      this.send({ type: 'swarm-ended', blob: message.blob, reason: 'full' });
    const problem = (await swarms?.hear(host, message)) ?? null;
    if (problem !== null) this.refuse(problem);
  }

  #progress(host: ConnectedHost, id: AssignmentId, itemsDone: number): Promise<void> | void {
    const work = host.leases.has(id) ? this.#deps.engine.work.workOf(id) : undefined;
    if (work === undefined) return this.#stale(host, id);
    const items = work.shard.items + find(work, id).probes.length;
    if (itemsDone > items) {
      const came = String(itemsDone);
      const detail = 'more items done than the assignment has';
      const expected = `at most ${items}`;
      return this.refuse({ code: 'progress-out-of-range', detail, expected, came }, id);
    }
    this.#deps.engine.progress(host, id, itemsDone);
  }

  async #commit({ host, key }: Welcomed, commit: CommitMessage): Promise<void> {
    const { engine } = this.#deps;
    const id = commit.assignment;
    const work = host.leases.has(id) ? engine.work.workOf(id) : undefined;
    if (work === undefined) return this.#stale(host, id);
    const assignment = find(work, id);
    const isSigned = await isSignedBy(key, commitText(this.#io.origin, commit), commit.signature);
    // Meanwhile the link may have closed: the engine looks once more whose lease it is.
    const problem = isSigned ? commitProblem(assignment, commit) : UNSIGNED;
    if (problem !== null) {
      engine.computeError(host, id, problem.code, problem.detail);
      return this.refuse(problem, id);
    }
    const repeated = (): void =>
      this.refuse({
        code: 'commit-repeated',
        detail: `assignment ${id} is committed to another root already: that one stands`,
        fix: 'report what was committed to first; one commitment is all an assignment has',
      });
    engine.commit(host, id, commit, repeated, () => this.#raced(host, id));
  }

  #report(host: ConnectedHost, report: ReportMessage, tensors: NamedTensors): Promise<void> | void {
    const { engine } = this.#deps;
    const id = report.assignment;
    const work = host.leases.has(id) ? engine.work.workOf(id) : undefined;
    const assignment = work === undefined ? undefined : find(work, id);
    if (work === undefined || assignment?.state.kind !== 'leased') return this.#stale(host, id);
    const { committed } = assignment.state;
    const take = assignment.stage === undefined ? takeReport : takeStageReport;
    const job = engine.work.jobOf(work.shard);
    const taken =
      committed === null
        ? fail(UNCOMMITTED)
        : take(job, work.shard, assignment, committed, report, tensors);
    if (!taken.ok) {
      // A malformed report is a failure of the host: the shard goes to another at once.
      engine.computeError(host, id, taken.error.code, taken.error.detail);
      return this.refuse(taken.error, id);
    }
    const { engine: computedBy, computeMs } = report;
    const raced = (): void => this.#raced(host, id);
    engine.report(host, id, { engine: computedBy, computeMs }, taken.value, raced);
  }

  /** The lease ended before the message about it had its turn. */
  #raced(host: ConnectedHost, id: AssignmentId): void {
    this.#stale(host, id).catch((error: unknown) =>
      this.#deps.log('link-error', { error: messageOf(error) }),
    );
  }

  /** A host drops what is refused: it must not be told so before the end of the lease is durable. */
  async #stale(host: ConnectedHost, id: AssignmentId): Promise<void> {
    await this.#deps.engine.durable();
    const work = this.#deps.engine.work.workOf(id);
    const assignment = work === undefined ? await this.#deps.store.assignment(id) : find(work, id);
    this.refuse(staleLeaseProblem(assignment, host), id);
  }
}
