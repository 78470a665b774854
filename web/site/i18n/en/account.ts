/** The account of this browser's key, in English. */
import { figures } from './figures.ts';

const { plural } = figures;

export const account = {
  asking: 'Asking the coordinator …',
  again: 'Try again',
  retired:
    'This browser was removed from its account, or the account was deleted. Its key leads nowhere any more.',
  beginAnew: 'Begin anew',
  credits: (credits: string) => `${credits} credits`,
  earned: 'earned',
  toGive: (credits: string) => `${credits} yours to give`,
  keyHere:
    'The key to this account lies in this browser’s storage, and nowhere else. If you clear this site’s data, or use a private window, it is lost.',
  persistent: 'The browser has promised not to clear it by itself.',
  notPersistent: 'The browser may also clear it by itself when space is short.',
  phraseBringsBack: 'Your recovery phrase brings the account back.',
  devicesLeadBack: 'Your other devices still lead to the account then.',
  nothingLeadsBack:
    'Then nobody can bring the account back, unless you link another device or write down a recovery phrase.',
  name: {
    label: 'Name on the leaderboard',
    note: '(optional, anybody can read it)',
    save: 'Save name',
    wrong:
      'A name cannot hold that: expected letters, digits and signs, with single spaces between them.',
    none: 'You are shown without a name.',
    saved: 'Saved.',
  },
  devices: {
    title: 'Devices',
    this: 'this browser',
    since: (day: string) => `since ${day}`,
    remove: 'Remove',
    reallyRemove: 'Really remove',
    removeOne: (name: string) => `Remove ${name}`,
    reallyRemoveOne: (name: string) => `Really remove ${name}`,
    removed: (name: string) => `${name} was removed.`,
  },
  /** What a device is called until its person names it. */
  systems: {
    android: 'Android phone or tablet',
    ios: 'iPhone or iPad',
    mac: 'Mac',
    windows: 'Windows computer',
    chromebook: 'Chromebook',
    linux: 'Linux computer',
    other: 'Browser',
  },
  link: {
    title: 'Link another device',
    lead: 'Several devices can work for one account. What the other one has earned by itself comes along.',
    show: 'Show a code',
    /** Around the address to open there. */
    openBefore: 'On the other device open',
    openAfter: ', then “Your account”, and type this code. Or point its camera at the picture.',
    picture: 'The same code as a QR code',
    goodFor: (minutes: number) =>
      `Good for one device, ${plural(minutes, { one: 'for a minute', other: `for ${minutes} minutes` })}. Who has it can join your account: show it to nobody else.`,
    done: 'Done',
  },
  phrase: {
    title: 'Recovery phrase',
    has: 'You have one. A new one replaces it.',
    lead: 'Twelve words on paper bring the account back when all your devices are gone. You need none.',
    make: 'Make a recovery phrase',
    makeNew: 'Make a new phrase',
    write:
      'Write these words down, in this order. They were made in this browser, and are shown only now. Whoever has them has the account.',
    written: 'I wrote it down',
    notNow: 'Not now',
    done: 'From now on these words bring the account back.',
  },
  join: {
    title: 'I have an account already',
    lead: 'This browser joins it, and so does what it has earned by itself.',
    code: 'Code that your other device shows',
    byCode: 'Join by code',
    wrongCode: 'A code has eight letters and digits, as in ABCD-1234.',
    joined: 'This browser belongs to the account now.',
    phrase: 'Or your recovery phrase, twelve words',
    byPhrase: 'Restore by phrase',
    restored: 'The account is back.',
  },
  delete: {
    title: 'Delete the account',
    what: 'Your name, the names of your devices and all keys go, on every device, and nobody can bring the account back. What was computed and credited stays in the public ledger under a number that leads to nobody.',
    sure: 'Delete it for good',
    keep: 'Keep it',
    ask: 'Delete the account …',
    done: 'Deleted.',
  },
};
