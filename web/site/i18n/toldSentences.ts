/**
 * Sentences that the coordinator and the volunteer say in English and people often read, with `{0}`, `{1}` … for what
 * changes: every dictionary but the English one translates each of them. `languages.test.ts` finds them in the sources.
 *
 * Not part of what a page loads: only its type is used there.
 */
export const TOLD_SENTENCES = [
  // Why a tab is given nothing (coordinator/engine/waiting.ts).
  'There is no work just now.',
  'This device failed several times in a row and rests a little before it tries again.',
  'This device gave up finished work several times in a row just before handing it in. It is given nothing for {0} minutes; what it has earned stays.',
  'Results of this device were found wrong again and again, so it is given nothing more of this.',
  'Devices with this graphics driver get this program wrong, so none of them is given it for now. It is the driver and not you: nothing that was verified is lost, and other work goes on.',
  'The work that is open needs more than this device offers.',
  'The work that is open is not what you have chosen. What fits is given to you as soon as it is posted.',
  'Your part of the open work is done. It now waits for a second contributor to check it.',
  'Several devices of your network are new here. A few at a time are tried first; yours comes next.',
  // Why this engine (web/compute/candidate.ts, browserEnvironment.ts).
  '{0} takes {1} ms an item here, {2} {3} ms.',
  '{0} is what this device has for this program.',
  'WASM: this device’s WebGPU is software, where WASM is 10 to 200 times faster.',
  '“{0}” failed here: {1}.',
  // What became of a report (coordinator/core/verdicts.ts, refusals.ts, replicate.ts).
  'Accepted unchecked: the job asks for one report.',
  'Agreed with the quorum.',
  'The referee agreed with it.',
  'The results were committed to, and never handed in.',
  'No report came before the lease ended: another host computed it.',
  'Its stage was right, another of the route was not.',
  'Taken back: other items of this contributor were found wrong.',
  'Secret samples of its items, and at least {0} of its contributor’s, agreed with others or with the referee.',
  'Every output was checked: each row by {0} secret projections, which an error of 100 times their threshold escapes with a probability of at most 1e-8.',
  'Each stage committed to what it received and to what it computed; secretly drawn items of each, and at least {0} of its contributor’s, agreed with the referee.',
  'Nothing was checked.',
  'All {0} items of {1} unrelated volunteers’ reports were compared ({2}): they agreed.',
  'With it came secret items of {0} reports: {1} were held against them and agreed.',
  'The coordinator’s referee recomputed {0} of its {1} items, chosen in secret: they agreed.',
  'Nothing of it was checked when it came.',
  'By the time it was final, {0} of its {1} items had a second opinion that agreed, and {2} checks in a row of its volunteer’s items had found nothing wrong.',
  // About accounts and teams (web/volunteer/account, coordinator/engine/accountProblems.ts, teamProblems.ts).
  'The coordinator does not answer as it should: {0}.',
  'Try again in a moment.',
  'This device was removed from its account, or the account was deleted.',
  'Begin anew on this device: it gets a new key, which can be linked again.',
  'This device belongs to an account already.',
  'Remove it there first; it then begins anew and can be linked.',
  'This device’s own account has other devices.',
  'Link those devices to the other account one by one, or remove them here first.',
  'The account has as many devices as it may.',
  'Remove one that is not used any more.',
  'The account of this code was deleted.',
  'This is the account’s last device: nobody could use the account any more.',
  'Link another device first, or delete the account.',
  'No account has this recovery phrase.',
  'Check the words and their order; a newer phrase replaces an older one.',
  'Expected {0} words, came {1}.',
  'Not on the list of words: {0}. Look for a slip of the pen.',
  'These words do not belong together: a word is wrong, or two changed places.',
  'There is no such team, or it was dissolved.',
  'Another team has this name, or one that differs only in capitals or letter forms.',
  'Choose another name.',
  'More would be shared than is earned.',
  'Give one of them less.',
  // About histories and leaderboards (web/state/history/historyApi.ts).
  'The coordinator answers with {0}.',
  'The answer cannot be read.',
] as const;

export type Told = Readonly<Record<(typeof TOLD_SENTENCES)[number], string>>;
