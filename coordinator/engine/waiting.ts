/**
 * What a job, or a host, waits for: in plain words, from the same rules that decide.
 */
import type { CoordinatorMessage } from '../../shared/protocol/link.ts';
import type { Waiting } from '../../shared/protocol/job.ts';
import { QUARANTINE_MS } from '../core/aborts.ts';
import { problemDetails } from '../../shared/protocol/problem.ts';
import { JOB_RULES, refusalOf, type Refusal } from '../core/assign.ts';
import { isPaused, openUntilMs } from '../core/job.ts';
import { countStates, needOf, opinionsOf } from '../core/replicate.ts';
import type { Job } from '../core/state.ts';
import { exclusionsOf, exclusionsText } from './exclusions.ts';
import type { Hosts } from './hosts.ts';
import type { OpenWork } from './openWork.ts';

/** What becomes of a report whose class was quarantined before it was final. */
export const CLASS_QUARANTINED = problemDetails({
  code: 'class-quarantined',
  detail:
    'devices with this graphics driver were found to get this program wrong, whoever they belong to: it is done ' +
    'again elsewhere',
  fix: 'nothing: this does not count against you or the device',
});

type WaitingMessage = Extract<CoordinatorMessage, { type: 'waiting' }>;

/** Why a host was given nothing. */
export function waitingOfHost(refused: Refusal | null): WaitingMessage {
  switch (refused) {
    case null:
      return { type: 'waiting', code: 'no-jobs', text: 'There is no work just now.' };
    case 'cooling-down':
      return {
        type: 'waiting',
        code: 'cooling-down',
        text: 'This device failed several times in a row and rests a little before it tries again.',
      };
    case 'quarantined-for-aborts':
      return {
        type: 'waiting',
        code: 'quarantined-for-aborts',
        text:
          'This device gave up finished work several times in a row just before handing it in. It is given ' +
          `nothing for ${QUARANTINE_MS / 60_000} minutes; what it has earned stays.`,
      };
    case 'ejected':
      return {
        type: 'waiting',
        code: 'not-trusted',
        text: 'Results of this device were found wrong again and again, so it is given nothing more of this.',
      };
    case 'class-quarantined':
      return {
        type: 'waiting',
        code: 'class-quarantined',
        text:
          'Devices with this graphics driver get this program wrong, so none of them is given it for now. It is the ' +
          'driver and not you: nothing that was verified is lost, and other work goes on.',
      };
    case 'driver-refuses':
    case 'no-engine':
    case 'not-enough-memory':
      return {
        type: 'waiting',
        code: 'no-capable-program',
        text: 'The work that is open needs more than this device offers.',
      };
    case 'not-wished':
      return {
        type: 'waiting',
        code: 'not-wished',
        text: 'The work that is open is not what you have chosen. What fits is given to you as soon as it is posted.',
      };
    case 'same-contributor':
    case 'same-cohort':
      return {
        type: 'waiting',
        code: 'needs-other-contributor',
        text: 'Your part of the open work is done. It now waits for a second contributor to check it.',
      };
    default:
      return refused satisfies never;
  }
}

export const NEWCOMERS_WAIT: WaitingMessage = {
  type: 'waiting',
  code: 'newcomers-wait',
  text: 'Several devices of your network are new here. A few at a time are tried first; yours comes next.',
};

/** The reason itself is for the operator and the author: it may name files of the coordinator. */
export const INPUTS_UNREADABLE = problemDetails({
  code: 'inputs-unreadable',
  detail: 'the coordinator cannot read the inputs of this assignment and takes it back',
  fix: 'nothing: this does not count against the device',
});

/** How the shards of a running job stand. */
interface Standing {
  computing: number;
  refereeing: number;
  /** Have a report that is being checked by itself. */
  checking: number;
  fresh: number;
  /** Have a report and want one of another contributor. */
  half: number;
  /** Accepted, and not final before their contributors have been checked more. */
  provisional: number;
}

/** What a running job waits for, most telling first; empty for a job that has ended. */
export function waitingOfJob(job: Job, work: OpenWork, hosts: Hosts, nowMs: number): Waiting[] {
  if (job.state.kind !== 'running') return [];
  const standing = standingOf(job, work);
  const isIdle = Object.values(standing).every((shards) => shards === 0);
  const untilMs = openUntilMs(job);
  const more = isIdle && untilMs !== null ? [forMore(job, untilMs)] : [];
  if (isPaused(job)) {
    const checks = standing.provisional > 0 ? [moreChecks(job, standing.provisional)] : [];
    return [paused(job, standing), ...underWay(standing), ...checks, ...more];
  }
  if (more.length > 0) return more;
  /** Cohorts, not contributors: related ones cannot check each other. */
  const capable = new Set<string>();
  let refusal: string | null = null;
  for (const host of hosts.all()) {
    const rule = refusalOf(JOB_RULES, { job, host, nowMs });
    if (rule === null) capable.add(host.cohort);
    else refusal ??= rule.text;
  }
  const waiting: Waiting[] = [];
  const open = standing.fresh + standing.half;
  if (open > 0 && hosts.count === 0) {
    if (standing.fresh > 0) {
      const shards = `${standing.fresh} shard${standing.fresh === 1 ? '' : 's'}`;
      const text = `No volunteer is connected. ${shards} will start as soon as one is.`;
      waiting.push({ code: 'no-hosts', text, shards: standing.fresh });
    }
    if (standing.half > 0) waiting.push(secondContributor(job, standing.half, 0));
  } else if (open > 0 && capable.size === 0) {
    const text = `${count(hosts.count, 'device')} connected, none can run this: ${refusal ?? ''}.`;
    waiting.push({ code: 'no-capable-host', text, shards: open });
  } else if (standing.half > 0 && capable.size < opinionsOf(job.verification)) {
    waiting.push(secondContributor(job, standing.half, capable.size));
  }
  const excluded = exclusionsText(exclusionsOf(job, hosts, nowMs));
  if (open > 0 && excluded !== null) {
    waiting.push({ code: 'excluded', text: `${excluded}.`, shards: open });
  }
  waiting.push(...underWay(standing));
  // Enough are connected, but those that could take these shards have had them.
  if (waiting.every(({ code }) => code === 'excluded') && standing.half > 0) {
    waiting.push(secondContributor(job, standing.half, capable.size));
  }
  if (standing.provisional > 0) waiting.push(moreChecks(job, standing.provisional));
  if (waiting.length === 0 && standing.fresh > 0) {
    const who = `${count(capable.size, 'contributor')} connected that could compute them`;
    const text = `${count(standing.fresh, 'shard')} waiting for a free device: ${who}, busy with other work or paused.`;
    waiting.push({ code: 'no-free-host', text, shards: standing.fresh });
  }
  return waiting;
}

/** What goes on, whatever it waits for besides. */
function underWay({ checking, refereeing, computing }: Standing): Waiting[] {
  const waiting: Waiting[] = [];
  if (checking > 0) {
    const text = `${count(checking, 'shard')} computed and being checked.`;
    waiting.push({ code: 'checking', text, shards: checking });
  }
  if (refereeing > 0) {
    const text = `${count(refereeing, 'shard')} being recomputed by the referee.`;
    waiting.push({ code: 'referee-busy', text, shards: refereeing });
  }
  if (computing > 0) {
    const text = `${count(computing, 'shard')} being computed by volunteers.`;
    waiting.push({ code: 'computing', text, shards: computing });
  }
  return waiting;
}

function paused(job: Job, { fresh, half }: Standing): Waiting {
  const shards = fresh + half;
  const text =
    `It is paused: ${count(shards, 'shard')} held back. What volunteers have of it still counts. ` +
    `To go on: idlewave jobs resume ${job.id}`;
  return { code: 'paused', text, shards };
}

function forMore({ id, items }: Job, untilMs: number): Waiting {
  const until = new Date(untilMs).toISOString().slice(0, 16);
  const text =
    `Nothing of its ${items} items is left to do, and it is held open for more: idlewave jobs add ${id} --input FILE. ` +
    `To end it: idlewave jobs close ${id}; where nothing is added it ends by itself at ${until}Z.`;
  return { code: 'held-open', text, shards: 0 };
}

function moreChecks(job: Job, shards: number): Waiting {
  const help =
    job.verification.kind === 'sampled' && job.verification.secondOpinion === 'referee'
      ? 'The referee makes up for what other volunteers do not check.'
      : 'More volunteers check more; or let the referee do it: ' +
        `idlewave jobs second-opinion ${job.id}`;
  const text =
    `${count(shards, 'shard')} accepted and not final yet: more samples of their contributors’ work ` +
    `have to agree first. ${help}`;
  return { code: 'needs-checks', text, shards };
}

function secondContributor(job: Job, shards: number, contributors: number): Waiting {
  const { verification } = job;
  if (verification.kind !== 'quorum') {
    const text =
      `${count(shards, 'shard')} waiting for another contributor: what came so far failed its check, ` +
      'and who is connected has had them.';
    return { code: 'needs-other-contributor', text, shards };
  }
  const computed = `${count(shards, 'shard')} computed and waiting for more opinions`;
  const text =
    verification.secondOpinion === 'referee'
      ? `${computed}: the referee does it where no unrelated contributor can.`
      : `${computed}: each needs ${verification.quorum} unrelated contributors, ${contributors} connected. ` +
        'You can wait for another volunteer, or let the referee be the second opinion: ' +
        `idlewave jobs second-opinion ${job.id}`;
  return { code: 'needs-other-contributor', text, shards };
}

function standingOf(job: Job, work: OpenWork): Standing {
  const standing: Standing = {
    computing: 0,
    refereeing: 0,
    checking: 0,
    fresh: 0,
    half: 0,
    provisional: 0,
  };
  for (const { shard, assignments } of work.shards.values()) {
    if (shard.job !== job.id) continue;
    const { leased, reported, judged, failed } = countStates(assignments);
    if (shard.state.kind === 'provisional') standing.provisional += 1;
    else if (shard.state.kind === 'refereeing') standing.refereeing += 1;
    else if (leased > 0) standing.computing += 1;
    else if (needOf(shard, assignments, job.verification).kind === 'check') standing.checking += 1;
    else if (reported + judged + failed > 0) standing.half += 1;
    else standing.fresh += 1;
  }
  return standing;
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? ' is' : 's are'}`;
