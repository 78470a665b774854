/** One's own contribution, the certificate and the leaderboard, in English. */
import type { BadgeId, Measure } from '../../../../shared/badges.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

const badgeNames: Record<BadgeId, string> = {
  'first-checked': 'First result checked',
  'items-100': 'A hundred items',
  'items-1000': 'A thousand items',
  'items-10000': 'Ten thousand items',
  'items-100000': 'A hundred thousand items',
  'items-1000000': 'A million items',
  'credits-1': 'First whole credit',
  'credits-10': 'Ten credits',
  'credits-100': 'A hundred credits',
  'credits-1000': 'A thousand credits',
  'credits-10000': 'Ten thousand credits',
  'credits-100000': 'A hundred thousand credits',
  'days-3': 'Three days',
  'days-10': 'Ten days',
  'days-30': 'Thirty days',
  'days-100': 'A hundred days',
  'days-365': 'A year of days',
  'streak-3': 'Three days in a row',
  'streak-7': 'A week in a row',
  'streak-30': 'A month in a row',
  'streak-100': 'A hundred days in a row',
};

const missing: Record<Measure, (more: number) => string> = {
  items: (more) => plural(more, { one: 'one more item', other: `${count(more)} more items` }),
  credits: (more) => plural(more, { one: 'one more credit', other: `${count(more)} more credits` }),
  days: (more) => plural(more, { one: 'one more day', other: `${count(more)} more days` }),
  streak: (more) =>
    plural(more, { one: 'one more day in a row', other: `${count(more)} more days in a row` }),
};

export const mine = {
  title: 'What you gave.',
  lead: 'Work of yours that was checked and found right, by the hour and by the day. Days begin at 00:00 UTC.',
  none: 'Nothing yet. When this browser has computed a piece of work and it was checked, it is added up here.',
  begin: 'Begin to contribute',
  failed: (why: string) => `Your history could not be read: ${why}.`,
  period: 'Time',
  periods: { today: 'Today', week: '7 days', month: '30 days', all: 'All' },
  credits: 'Credits',
  creditsEver: 'in all',
  items: 'Items',
  itemsNote: (shards: number) => `in ${count(shards)} pieces of work`,
  average: 'Recent average',
  averageNote: 'credits a day; work of a week ago counts half',
  days: 'Days',
  streak: (days: number) =>
    plural(days, { one: 'one in a row now', other: `${count(days)} in a row now` }),
  noStreak: 'none in a row now',
  refused: 'Refused',
  refusedNote: 'pieces of work that earned nothing',
  whole: 'All devices',
  device: 'Device',
  devices: 'Devices',
  devicesNote: 'Of the time that is chosen above.',
  firstDevice: 'First device',
  thisDevice: 'this one',
  chart: 'Credits and items over time',
  table: 'The same as a table',
  time: 'Time (UTC)',
  total: (credits: string, items: number) => `${credits} credits for ${count(items)} items`,
  point: (time: string, credits: string, items: number) =>
    `${time}: ${credits} credits, ${count(items)} items`,
  hint: 'Point at the chart for single values.',
  certificate: 'A certificate to print',
  receipts: 'Every single credit, with its reason and its proof',
  board: 'The leaderboard',
};

export const badges = {
  title: 'Badges',
  none: 'None yet: the first comes with the first result that is checked.',
  names: badgeNames,
  since: (day: string) => `since ${day}`,
  next: 'Next',
  missing,
  progress: (name: string, have: number, from: number) =>
    `${name}: ${count(have)} of ${count(from)}`,
};

export const certificate = {
  title: 'Certificate of contribution',
  lead: 'Print it, or save it as a file with your browser’s print dialogue.',
  print: 'Print',
  back: 'Back to my contribution',
  network: (host: string) => `Idlewave at ${host}`,
  given: 'This is to certify that',
  pseudonym: 'a volunteer who goes by the pseudonym',
  did: 'has given computing time to the network, and that of the results',
  items: 'items were checked and found right',
  credits: 'credits were earned with them',
  work: (credits: string) => `that is ${credits} trillion verified operations`,
  days: (days: number, since: string, until: string) =>
    `on ${count(days)} days from ${since} to ${until}`,
  day: (day: string) => `on ${day}`,
  workWhen: (work: string, when: string) => `${work}, ${when}.`,
  checked: 'Checked against the public log',
  entries: (size: number) => `Checkpoint of ${count(size)} entries`,
  root: 'Root hash',
  signer: 'Signed by',
  found: (credits: number) =>
    plural(credits, {
      one: 'One credit, the latest, was looked up in it by this browser and is there.',
      other: `The latest ${count(credits)} credits were looked up in it by this browser and are there.`,
    }),
  verify: 'Each credit counted here is an entry of this log. Anybody can check all of it:',
  checking: 'The public log is being checked …',
  unchecked: 'The public log could not be checked now, so this certificate says nothing of it.',
  alarm: 'The public log contradicts what this browser saw before. No certificate is made of it.',
  made: (day: string) => `Made on ${day}`,
};

export const leaderboard = {
  title: 'Who gave most.',
  lead: 'By credit for checked work, the same for every device. Made anew every minute.',
  time: 'Time',
  boards: { day: 'Today', week: '7 days', all: 'All time' },
  rank: 'Rank',
  who: 'Volunteer',
  credits: 'Credits',
  items: 'Items',
  you: 'you',
  none: 'Nobody was credited in this time yet.',
  notIn: 'You are not in this list.',
  more: (rows: number) => `Show all ${count(rows)}`,
  failed: (why: string) => `The leaderboard could not be read: ${why}.`,
  notReady: 'It is made within a minute of the coordinator’s start.',
  choice: 'Your place in it',
  choiceText:
    'Without a name you are shown as a pseudonym, your key’s fingerprint. You may also not be shown at all, neither here nor in the exports. Your credits, and the public log that proves them, stay as they are.',
  listed: 'Show me in leaderboards and exports',
  listedNow: 'You are shown from the next round on, within a minute.',
  unlistedNow: 'You are not shown from the next round on, within a minute.',
  choiceLater: 'You can choose once this browser has computed something.',
  name: 'Give yourself a name',
  exports: 'For your own statistics',
  exportsText: 'The same for everybody, made once a minute, and free to be mirrored.',
  contributors: 'Contributors',
  networkDays: 'The network by day',
};
