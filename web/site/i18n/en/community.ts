/** Teams, shares and gifts, in English. */
import { figures } from './figures.ts';

const { count } = figures;

export const community = {
  teamTitle: 'Your team',
  noTeam:
    'A team gathers what its members choose to give it. You are in none, and need none. Anybody can see who is in a team.',
  pick: 'Team',
  pickNone: 'Choose a team',
  code: 'Invite code (from its founder)',
  joinDo: 'Join',
  noTeams: 'There are no teams here yet.',
  found: 'Found a team',
  foundNeeds: 'You can found one once some of your work was found right.',
  name: 'Name of the team (anybody can read it)',
  rule: 'Who may join',
  ruleOpen: 'Anybody',
  ruleCode: 'Whoever has my invite code',
  most: 'Members at most',
  foundDo: 'Found the team',
  leave: 'Leave the team',
  share: 'Of what you earn, to the team',
  shareNote: 'Whole percents, of work that is handed to you from now on. 0 gives nothing.',
  shareDo: 'Save share',
  shareDone: 'Saved. It holds for work that is handed to you from now on.',
  founder: 'You founded it',
  rulesDo: 'Save rules',
  newCode: 'Make a new code',
  handOver: (who: string) => `Hand it over to ${who}`,
  handOverDo: 'Hand over',
  remove: 'Remove',
  removeWho: (who: string) => `Remove ${who}`,
  dissolve: 'Dissolve the team …',
  dissolveDo: 'Dissolve it for good',
  dissolveNote: 'The team ends for all its members. What it has left goes to you.',
  keep: 'Keep it',
  giveTitle: 'Give credits',
  giveNote:
    'Only final credit can be given. It is gone at once, and only the receiver can return it.',
  giveFrom: 'From',
  giveOwn: 'Your account',
  giveTeam: 'Your team’s account',
  giveTo: 'To',
  giveToNote: 'A volunteer (c_…), a team (team_…) or an author’s key (key_…)',
  giveToWrong: 'To: A volunteer (c_…), a team (team_…) or an author’s key (key_…).',
  giveAmount: 'Credits',
  giveAmountWrong: (least: string, most: string) => `Credits: ${least} – ${most}.`,
  giveDo: 'Give',
  giveConfirm: 'Really give',
  given: (credits: string, to: string) => `${credits} credits were given to ${to}.`,
  siteTitle: 'The site you came from',
  siteUnknown:
    'The link that you followed names a site that is not registered here. Nothing is shared with it.',
  siteAsks: (name: string, percent: number) =>
    `${name} asks for ${percent} % of what you earn here. Nothing is shared before you agree; you may choose less, more, or 0.`,
  siteDo: 'Save share',
  siteShare: 'Of what you earn while you come from it',
  teamLine: (name: string, members: number, most: number) =>
    `${name}, ${count(members)} of ${count(most)} members`,
  teamLineByCode: (name: string, members: number, most: number) =>
    `${name}, ${count(members)} of ${count(most)} members, by invite code`,
  teamState: (members: number, most: number, credits: string) =>
    `${count(members)} of ${count(most)} members. The team has ${credits} credits.`,
};
