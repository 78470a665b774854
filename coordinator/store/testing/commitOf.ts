/** A commit that touches every list, told by a number: written by one process, looked for by another. */
import { authorAccount } from '../../../shared/ledger.ts';
import type { Changes } from '../store.ts';
import {
  ASSIGNMENT_STATES,
  author,
  assignmentId,
  contributorId,
  digest,
  jobId,
  makeAssignment,
  makeContributor,
  makeCredit,
  makeEvent,
  makeGrant,
  makeJob,
  makePosting,
  makeRefusal,
  makeShard,
  makeSite,
  makeSiteDay,
  makeTeam,
  settled,
} from './records.ts';

export function commitOf(number: number): Changes {
  const job = makeJob('crash');
  const shard = makeShard(jobId('crash'), number, settled(number + 1));
  return {
    jobs: [job],
    shards: [shard],
    assignments: [makeAssignment(number, shard, ASSIGNMENT_STATES[2])],
    contributors: [makeContributor(number)],
    credits: [makeCredit(contributorId(number), shard.id)],
    refusals: [makeRefusal(contributorId(number), assignmentId(number))],
    outputs: [
      {
        shard: shard.id,
        digest: digest(`crash ${number}`),
        bytes: new Uint8Array(20_000).fill(number),
      },
    ],
    movements: [{ movement: makeGrant(number), logIndex: 2 * number }],
    balances: [{ account: authorAccount(author(number)), microCredits: 7n }],
    postings: [makePosting(number)],
    events: [makeEvent(number)],
    heirs: [],
    devices: [],
    names: [],
    teams: [makeTeam(number)],
    droppedTeams: [],
    sites: [makeSite(number)],
    droppedSites: [],
    siteDays: [makeSiteDay(number)],
    calibrations: [],
    engineClasses: [],
    droppedClasses: [],
    prunedOutputs: [],
    logged: [{ first: 2 * number, entries: [Uint8Array.of(number), Uint8Array.of(number, 1)] }],
  };
}
