/** One's own contribution, the certificate and the leaderboard, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

const items = (number: number): string =>
  `${count(number)} ${plural(number, { one: 'Element', other: 'Elemente' })}`;

export const mine: InnerWords['mine'] = {
  title: 'Was du gegeben hast.',
  lead: 'Deine Arbeit, die geprüft und für richtig befunden wurde, nach Stunden und nach Tagen. Tage beginnen um 00:00 UTC.',
  none: 'Noch nichts. Wenn dieser Browser ein Arbeitspaket gerechnet hat und es geprüft wurde, wird es hier zusammengezählt.',
  begin: 'Mitrechnen',
  failed: (why) => `Dein Verlauf konnte nicht gelesen werden: ${why}`,
  period: 'Zeitraum',
  periods: { today: 'Heute', week: '7 Tage', month: '30 Tage', all: 'Alles' },
  credits: 'Credits',
  creditsEver: 'insgesamt',
  items: 'Elemente',
  itemsNote: (shards) =>
    plural(shards, {
      one: `in ${count(shards)} Arbeitspaket`,
      other: `in ${count(shards)} Arbeitspaketen`,
    }),
  average: 'Schnitt der letzten Zeit',
  averageNote: 'Credits am Tag; Arbeit von vor einer Woche zählt halb',
  days: 'Tage',
  streak: (days) =>
    plural(days, { one: 'einer gerade in Folge', other: `${count(days)} gerade in Folge` }),
  noStreak: 'gerade keiner in Folge',
  refused: 'Abgelehnt',
  refusedNote: 'Arbeitspakete, die nichts eingebracht haben',
  whole: 'Alle Geräte',
  device: 'Gerät',
  devices: 'Geräte',
  devicesNote: 'Im oben gewählten Zeitraum.',
  firstDevice: 'Erstes Gerät',
  thisDevice: 'dieses',
  chart: 'Credits und Elemente im Lauf der Zeit',
  table: 'Dasselbe als Tabelle',
  time: 'Zeit (UTC)',
  total: (credits, number) => `${credits} Credits für ${items(number)}`,
  point: (time, credits, number) => `${time}: ${credits} Credits, ${items(number)}`,
  hint: 'Zeig auf das Diagramm, um einzelne Werte zu sehen.',
  certificate: 'Eine Urkunde zum Ausdrucken',
  receipts: 'Jede einzelne Gutschrift, mit Grund und Beweis',
  board: 'Zur Bestenliste',
};

export const badges: InnerWords['badges'] = {
  title: 'Abzeichen',
  none: 'Noch keines: Das erste kommt mit dem ersten geprüften Ergebnis.',
  names: {
    'first-checked': 'Erstes geprüftes Ergebnis',
    'items-100': 'Hundert Elemente',
    'items-1000': 'Tausend Elemente',
    'items-10000': 'Zehntausend Elemente',
    'items-100000': 'Hunderttausend Elemente',
    'items-1000000': 'Eine Million Elemente',
    'credits-1': 'Erster ganzer Credit',
    'credits-10': 'Zehn Credits',
    'credits-100': 'Hundert Credits',
    'credits-1000': 'Tausend Credits',
    'credits-10000': 'Zehntausend Credits',
    'credits-100000': 'Hunderttausend Credits',
    'days-3': 'Drei Tage',
    'days-10': 'Zehn Tage',
    'days-30': 'Dreißig Tage',
    'days-100': 'Hundert Tage',
    'days-365': 'Ein Jahr an Tagen',
    'streak-3': 'Drei Tage in Folge',
    'streak-7': 'Eine Woche in Folge',
    'streak-30': 'Ein Monat in Folge',
    'streak-100': 'Hundert Tage in Folge',
  },
  since: (day) => `seit ${day}`,
  next: 'Als Nächstes',
  missing: {
    items: (more) => `noch ${items(more)}`,
    credits: (more) =>
      plural(more, { one: 'noch ein Credit', other: `noch ${count(more)} Credits` }),
    days: (more) => plural(more, { one: 'noch ein Tag', other: `noch ${count(more)} Tage` }),
    streak: (more) =>
      plural(more, { one: 'noch ein Tag in Folge', other: `noch ${count(more)} Tage in Folge` }),
  },
  progress: (name, have, from) => `${name}: ${count(have)} von ${count(from)}`,
};

export const certificate: InnerWords['certificate'] = {
  title: 'Urkunde über einen Beitrag',
  lead: 'Druck sie aus, oder speichere sie über den Druckdialog deines Browsers als Datei.',
  print: 'Drucken',
  back: 'Zurück zu meinem Beitrag',
  network: (host) => `Idlewave auf ${host}`,
  given: 'Hiermit wird bestätigt, dass',
  pseudonym: 'eine Person mit dem Pseudonym',
  did: 'dem Netzwerk Rechenzeit gegeben hat und dass von den Ergebnissen',
  items: 'Elemente geprüft und für richtig befunden wurden',
  credits: 'Credits damit verdient wurden',
  work: (credits) => `Das sind ${credits} Billionen geprüfte Rechenoperationen`,
  days: (days, since, until) => `an ${count(days)} Tagen von ${since} bis ${until}`,
  day: (day) => `am ${day}`,
  workWhen: (work, when) => `${work}, ${when}.`,
  checked: 'Gegen das öffentliche Protokoll geprüft',
  entries: (size) =>
    plural(size, {
      one: `Prüfpunkt mit ${count(size)} Eintrag`,
      other: `Prüfpunkt mit ${count(size)} Einträgen`,
    }),
  root: 'Wurzel-Hash',
  signer: 'Unterschrieben von',
  found: (credits) =>
    plural(credits, {
      one: 'Eine Gutschrift, die neueste, hat dieser Browser darin gesucht und gefunden.',
      other: `Die neuesten ${count(credits)} Gutschriften hat dieser Browser darin gesucht und gefunden.`,
    }),
  verify:
    'Jede hier gezählte Gutschrift ist ein Eintrag dieses Protokolls. Alle können es vollständig prüfen:',
  checking: 'Das öffentliche Protokoll wird geprüft …',
  unchecked:
    'Das öffentliche Protokoll ließ sich jetzt nicht prüfen, daher sagt diese Urkunde nichts dazu.',
  alarm:
    'Das öffentliche Protokoll widerspricht dem, was dieser Browser früher gesehen hat. Daraus wird keine Urkunde gemacht.',
  made: (day) => `Ausgestellt am ${day}`,
};

export const leaderboard: InnerWords['leaderboard'] = {
  title: 'Wer am meisten gegeben hat.',
  lead: 'Nach Credits für geprüfte Arbeit, auf jedem Gerät gleich. Jede Minute neu.',
  time: 'Zeitraum',
  boards: { day: 'Heute', week: '7 Tage', all: 'Gesamt' },
  rank: 'Rang',
  who: 'Wer',
  credits: 'Credits',
  items: 'Elemente',
  you: 'du',
  none: 'In diesem Zeitraum wurde noch niemandem etwas gutgeschrieben.',
  notIn: 'Du stehst nicht in dieser Liste.',
  more: (rows) => `Alle ${count(rows)} zeigen`,
  failed: (why) => `Die Bestenliste konnte nicht gelesen werden: ${why}`,
  notReady: 'Sie entsteht innerhalb einer Minute nach dem Start des Koordinators.',
  choice: 'Dein Platz darin',
  choiceText:
    'Ohne Namen wirst du mit einem Pseudonym gezeigt, dem Fingerabdruck deines Schlüssels. Du kannst dich auch gar nicht zeigen lassen, weder hier noch in den Exporten. Deine Credits und das öffentliche Protokoll, das sie beweist, bleiben, wie sie sind.',
  listed: 'Zeig mich in Bestenlisten und Exporten',
  listedNow: 'Du wirst ab der nächsten Runde gezeigt, innerhalb einer Minute.',
  unlistedNow: 'Du wirst ab der nächsten Runde nicht mehr gezeigt, innerhalb einer Minute.',
  choiceLater: 'Du kannst wählen, sobald dieser Browser etwas gerechnet hat.',
  name: 'Gib dir einen Namen',
  exports: 'Für eigene Statistiken',
  exportsText: 'Für alle gleich, jede Minute einmal erstellt und frei zu spiegeln.',
  contributors: 'Mitrechnende',
  networkDays: 'Das Netzwerk nach Tagen',
};
