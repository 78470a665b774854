/** Credited and refused work, proofs and alarms, in English. */
import { figures } from './figures.ts';

const { count, plural } = figures;

const items = (number: number): string =>
  `${count(number)} ${plural(number, { one: 'item', other: 'items' })}`;

export const receipts = {
  own: 'Your credits, and how to check them',
  other: 'Credits of another volunteer',
  /** Around whose they are; with the balance where it is known. */
  ownBefore: 'You are',
  otherBefore: 'This is',
  balanceBefore: ', with',
  balanceAfter: 'credits earned',
  whoAfter: '. Every line below is public, so that anybody can follow it.',
  showMine: 'Show mine',
  log: 'Public log.',
  check: 'Check now',
  newer: 'Show newer work',
  older: 'Show older work',
  none: 'Nothing yet. When this tab has computed a piece of work and it was checked, it stands here, with what became of it and why.',
  noneOfOther: 'Nothing of this volunteer was credited or refused yet.',
  lookAgain: 'Look again',
  offline: 'The coordinator cannot be reached, so this list may be old or missing.',
  amount: (credits: string) => `+${credits} credits`,
  noAmount: 'no credit',
  accepted: (number: number) => `${items(number)} accepted`,
  refused: {
    disagree: (number: number) => `${items(number)} refused: the result was found wrong`,
    inconclusive: (number: number) =>
      `${items(number)} not counted, neither for nor against this volunteer`,
    late: (number: number) => `${items(number)} not reported in time`,
    unopened: (number: number) => `${items(number)} never handed in`,
    malformed: (number: number) => `${items(number)} refused: the report was malformed`,
    engine: (number: number) => `${items(number)} not computed: the engine failed`,
  },
  what: 'What was computed',
  items,
  itemsOf: (number: number, job: string) => `${items(number)} of “${job}”`,
  withStage: (work: string, stage: number) => `${work}, stage ${stage} of its model`,
  withProbes: (work: string, probes: number) =>
    `${work}, and ${count(probes)} more to check others`,
  /** Around the two numbers. */
  shard: 'Shard',
  assignment: ', assignment',
  became: 'What became of it',
  finalCredit: 'Final. Credit is written down only when it can no longer be taken back.',
  finalRefusal: 'Final. Refused work earns nothing; one refusal bans nobody.',
  amountTitle: 'How the amount came about',
  sharesTitle: 'Where it went',
  checksTitle: 'How it was checked',
  logTitle: 'In the public log',
  shardForgotten: 'The coordinator does not know this shard any more.',
  unreachable: 'The coordinator cannot be reached.',
  open: 'Others compute it now. How it was checked is shown when its result is final.',
  noResult: 'It has no result:',
  you: 'You',
  thisVolunteer: 'This volunteer',
  stage: (stage: number) => `, stage ${stage}`,
  verdicts: {
    agree: 'accepted',
    unchecked: 'accepted unchecked, as its author wished',
    disagree: 'refused',
    inconclusive: 'not counted',
  },
  verdict: (verdict: string) => `: ${verdict}`,
  verdictCredits: (credits: string) => `, +${credits} credits`,
  by: {
    nobody: 'One volunteer computed it; its author asked for no check.',
    quorum: (volunteers: number) =>
      plural(volunteers, {
        one: `${count(volunteers)} volunteer computed it; those that agreed decided.`,
        other: `${count(volunteers)} volunteers computed it; those that agreed decided.`,
      }),
    referee: (volunteers: number) =>
      plural(volunteers, {
        one: `${count(volunteers)} volunteer computed it; the coordinator’s referee decided.`,
        other: `${count(volunteers)} volunteers computed it; the coordinator’s referee decided.`,
      }),
    check: (volunteers: number) =>
      plural(volunteers, {
        one: `${count(volunteers)} volunteer computed it; a check decided.`,
        other: `${count(volunteers)} volunteers computed it; a check decided.`,
      }),
  },
  noEntry: 'The log has what was credited. Work that earned nothing has no entry of its own.',
  entry: (index: number) => `Entry ${index}`,
  thisCredit: 'This credit',
  shardResult: 'The shard’s result',
  asIs: 'The entry as it is in the log',
  bundle: 'Its bundle',
  checkpoint: 'The newest checkpoint',
  proving: (name: string) => `${name}: proving …`,
  prove: (name: string) => `${name} of the public log: prove it`,
  factors: {
    own: (work: string, number: number, rate: string, quality: string) =>
      `${work} credits for the work of ${items(number)}, the same on any device × ${rate} (what its author offers) × ${quality} (quality: it was accepted).`,
    checks: (checks: string, probes: number, uptime: string) =>
      `Plus ${checks} credits for ${count(probes)} more to check others × ${uptime} (how much of your work comes back in time).`,
  },
  toTeam: (credits: string, team: string) => `${credits} credits to the team ${team}.`,
  toSite: (credits: string, site: string) => `${credits} credits to the site ${site}.`,
  kept: (credits: string) => `${credits} credits kept.`,
};

export const publicLog = {
  proven: (index: number, size: number, signer: string) =>
    `Proven: entry ${count(index)} of ${count(size)}, checkpoint signed by ${signer}.`,
  unnumbered: 'It was given before the public log kept such entries.',
  notYet: 'Not in the log yet: it is published within a second. Look again.',
  behind: 'The log that is served is behind what this browser has seen. Nothing contradicts it.',
  unprovenUnreachable: 'Not proven: the log cannot be reached. That says nothing against it.',
  unprovenWithheld:
    'Not proven: the coordinator does not serve a part of the log that the proof needs.',
  unprovenAlarm: (title: string) => `Not proven: ${title.toLowerCase()}.`,
  unchecked: 'The public log has not been looked at yet.',
  checking: 'Looking at the public log …',
  size: (entries: number, signer: string) =>
    plural(entries, {
      one: `${count(entries)} entry, signed by ${signer}.`,
      other: `${count(entries)} entries, signed by ${signer}.`,
    }),
  firstSeen: 'First seen by this browser now.',
  goesOn: (before: number) => `Goes on from the ${count(before)} that this browser saw before.`,
  found: (credits: number) => `${count(credits)} of your credits were found in it, as told.`,
  forgets: 'This browser keeps nothing: the next visit cannot compare.',
  unreachable: 'The public log cannot be reached just now. That says nothing against it.',
  withheld: 'The coordinator does not serve a part of its public log, so nothing could be proven.',
  pending: 'The latest credit is about to be published.',
  alarm: (title: string) => `${title}.`,
  alarms: {
    key: 'The public log has another key',
    signature: 'The public log’s checkpoint is not signed by its key',
    fork: 'The public log has two histories',
    rollback: 'The public log has been cut',
    tile: 'The public log’s hashes have been tampered with',
    'entry-rewritten': 'An entry of the public log has been rewritten',
    'entry-dropped': 'An entry of the public log has been dropped',
    'entry-differs': 'The coordinator and the public log say different things',
    'entry-missing': 'A credit is missing from the public log',
  },
  /** What an alarm means, and what a person can do. */
  means:
    'History that was public has changed, or what you are told of it is untrue. It may be a mistake of the operator’s, such as a restored backup. Keep the evidence, ask the operator, and compare with others: anybody can check the whole log with one command.',
  foundAt: (time: string) => `Found ${time}:`,
  evidence: 'The evidence',
  copy: 'Copy the evidence',
  copied: 'Copied',
  download: 'Download it',
  accept: 'Take the log as it is now …',
  acceptSure: 'Yes, forget what I saw before',
  keepAlarm: 'No, keep the alarm',
};
