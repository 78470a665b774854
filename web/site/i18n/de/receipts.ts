/** Credited and refused work, proofs and alarms, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

const items = (number: number): string =>
  `${count(number)} ${plural(number, { one: 'Element', other: 'Elemente' })}`;

const volunteers = (number: number): string =>
  plural(number, {
    one: `${count(number)} Person hat es gerechnet`,
    other: `${count(number)} Personen haben es gerechnet`,
  });

export const receipts: InnerWords['receipts'] = {
  own: 'Deine Credits, und wie du sie prüfst',
  other: 'Credits einer anderen Person',
  ownBefore: 'Du bist',
  otherBefore: 'Das ist',
  balanceBefore: ', mit',
  balanceAfter: 'verdienten Credits',
  whoAfter: '. Jede Zeile unten ist öffentlich, damit alle sie nachvollziehen können.',
  showMine: 'Meine zeigen',
  log: 'Öffentliches Protokoll.',
  check: 'Jetzt prüfen',
  newer: 'Neuere Arbeit zeigen',
  older: 'Ältere Arbeit zeigen',
  none: 'Noch nichts. Wenn dieser Tab ein Arbeitspaket gerechnet hat und es geprüft wurde, steht es hier, mit dem, was daraus wurde, und warum.',
  noneOfOther: 'Dieser Person wurde noch nichts gutgeschrieben oder abgelehnt.',
  lookAgain: 'Noch einmal nachsehen',
  offline:
    'Der Koordinator ist nicht erreichbar, daher kann diese Liste veraltet sein oder fehlen.',
  amount: (credits) => `+${credits} Credits`,
  noAmount: 'kein Credit',
  accepted: (number) => `${items(number)} angenommen`,
  refused: {
    disagree: (number) => `${items(number)} abgelehnt: Das Ergebnis erwies sich als falsch`,
    inconclusive: (number) => `${items(number)} nicht gewertet, weder für noch gegen diese Person`,
    late: (number) => `${items(number)} nicht rechtzeitig gemeldet`,
    unopened: (number) => `${items(number)} nie abgegeben`,
    malformed: (number) => `${items(number)} abgelehnt: Die Meldung war fehlerhaft`,
    engine: (number) => `${items(number)} nicht gerechnet: Das Rechenwerk ist ausgefallen`,
  },
  what: 'Was gerechnet wurde',
  items,
  itemsOf: (number, job) => `${items(number)} von „${job}“`,
  withStage: (work, stage) => `${work}, Stufe ${stage} des Modells`,
  withProbes: (work, probes) => `${work}, und ${count(probes)} weitere, um andere zu prüfen`,
  shard: 'Shard',
  assignment: ', Zuteilung',
  became: 'Was daraus wurde',
  finalCredit:
    'Endgültig. Credits werden erst aufgeschrieben, wenn sie nicht mehr zurückgenommen werden können.',
  finalRefusal:
    'Endgültig. Abgelehnte Arbeit bringt nichts ein; wegen einer Ablehnung wird niemand gesperrt.',
  amountTitle: 'Wie der Betrag zustande kam',
  sharesTitle: 'Wohin er ging',
  checksTitle: 'Wie es geprüft wurde',
  logTitle: 'Im öffentlichen Protokoll',
  shardForgotten: 'Der Koordinator kennt diesen Shard nicht mehr.',
  unreachable: 'Der Koordinator ist nicht erreichbar.',
  open: 'Andere rechnen es gerade. Wie es geprüft wurde, steht hier, sobald das Ergebnis endgültig ist.',
  noResult: 'Es gibt kein Ergebnis:',
  you: 'Du',
  thisVolunteer: 'Diese Person',
  stage: (stage) => `, Stufe ${stage}`,
  verdicts: {
    agree: 'angenommen',
    unchecked: 'ungeprüft angenommen, wie vom Auftraggeber gewünscht',
    disagree: 'abgelehnt',
    inconclusive: 'nicht gewertet',
  },
  verdict: (verdict) => `: ${verdict}`,
  verdictCredits: (credits) => `, +${credits} Credits`,
  by: {
    nobody: 'Eine Person hat es gerechnet; der Auftraggeber wollte keine Prüfung.',
    quorum: (number) => `${volunteers(number)}; entschieden hat die Übereinstimmung.`,
    referee: (number) =>
      `${volunteers(number)}; entschieden hat der Schiedsrichter des Koordinators.`,
    check: (number) => `${volunteers(number)}; entschieden hat eine Prüfung.`,
  },
  noEntry:
    'Im Protokoll steht, was gutgeschrieben wurde. Arbeit, die nichts eingebracht hat, hat dort keinen eigenen Eintrag.',
  entry: (index) => `Eintrag ${index}`,
  thisCredit: 'Diese Gutschrift',
  shardResult: 'Das Ergebnis des Shards',
  asIs: 'Der Eintrag, wie er im Protokoll steht',
  bundle: 'Sein Bündel',
  checkpoint: 'Der neueste Prüfpunkt',
  proving: (name) => `${name}: wird bewiesen …`,
  prove: (name) => `${name} des öffentlichen Protokolls: beweisen`,
  factors: {
    own: (work, number, rate, quality) =>
      `${work} Credits für die Arbeit an ${count(number)} ${plural(number, { one: 'Element', other: 'Elementen' })}, auf jedem Gerät gleich viel × ${rate} (was der Auftraggeber bietet) × ${quality} (Qualität: Es wurde angenommen).`,
    checks: (checks, probes, uptime) =>
      `Dazu ${checks} Credits für ${count(probes)} weitere, um andere zu prüfen × ${uptime} (wie viel deiner Arbeit rechtzeitig zurückkommt).`,
  },
  toTeam: (credits, team) => `${credits} Credits an das Team ${team}.`,
  toSite: (credits, site) => `${credits} Credits an die Website ${site}.`,
  kept: (credits) => `${credits} Credits behalten.`,
};

export const publicLog: InnerWords['publicLog'] = {
  proven: (index, size, signer) =>
    `Bewiesen: Eintrag ${count(index)} von ${count(size)}, Prüfpunkt unterschrieben von ${signer}.`,
  unnumbered: 'Sie wurde erteilt, bevor das öffentliche Protokoll solche Einträge führte.',
  notYet:
    'Noch nicht im Protokoll: Es wird innerhalb einer Sekunde veröffentlicht. Sieh noch einmal nach.',
  behind:
    'Das ausgelieferte Protokoll ist älter als das, was dieser Browser gesehen hat. Nichts widerspricht ihm.',
  unprovenUnreachable:
    'Nicht bewiesen: Das Protokoll ist nicht erreichbar. Das sagt nichts gegen den Eintrag.',
  unprovenWithheld:
    'Nicht bewiesen: Der Koordinator liefert einen Teil des Protokolls nicht aus, den der Beweis braucht.',
  unprovenAlarm: (title) => `Nicht bewiesen. ${title}.`,
  unchecked: 'Das öffentliche Protokoll wurde noch nicht angesehen.',
  checking: 'Das öffentliche Protokoll wird angesehen …',
  size: (entries, signer) =>
    plural(entries, {
      one: `${count(entries)} Eintrag, unterschrieben von ${signer}.`,
      other: `${count(entries)} Einträge, unterschrieben von ${signer}.`,
    }),
  firstSeen: 'Dieser Browser sieht es jetzt zum ersten Mal.',
  goesOn: (before) =>
    plural(before, {
      one: 'Es setzt den einen fort, den dieser Browser schon gesehen hat.',
      other: `Es setzt die ${count(before)} fort, die dieser Browser schon gesehen hat.`,
    }),
  found: (credits) =>
    plural(credits, {
      one: 'Eine deiner Gutschriften wurde darin gefunden, wie angegeben.',
      other: `${count(credits)} deiner Gutschriften wurden darin gefunden, wie angegeben.`,
    }),
  forgets: 'Dieser Browser merkt sich nichts: Der nächste Besuch kann nicht vergleichen.',
  unreachable:
    'Das öffentliche Protokoll ist gerade nicht erreichbar. Das sagt nichts gegen das Protokoll.',
  withheld:
    'Der Koordinator liefert einen Teil seines öffentlichen Protokolls nicht aus, daher ließ sich nichts beweisen.',
  pending: 'Die neueste Gutschrift wird gleich veröffentlicht.',
  alarm: (title) => `${title}.`,
  alarms: {
    key: 'Das öffentliche Protokoll hat einen anderen Schlüssel',
    signature:
      'Der Prüfpunkt des öffentlichen Protokolls ist nicht mit dessen Schlüssel unterschrieben',
    fork: 'Vom öffentlichen Protokoll gibt es zwei Fassungen',
    rollback: 'Das öffentliche Protokoll wurde gekürzt',
    tile: 'An den Hashwerten des öffentlichen Protokolls wurde etwas verändert',
    'entry-rewritten': 'Ein Eintrag des öffentlichen Protokolls wurde umgeschrieben',
    'entry-dropped': 'Ein Eintrag des öffentlichen Protokolls wurde entfernt',
    'entry-differs': 'Der Koordinator und das öffentliche Protokoll sagen Verschiedenes',
    'entry-missing': 'Eine Gutschrift fehlt im öffentlichen Protokoll',
  },
  means:
    'Vergangenes, das öffentlich war, hat sich geändert, oder was dir davon gesagt wird, stimmt nicht. Es kann ein Fehler des Betreibers sein, etwa eine zurückgespielte Sicherung. Heb die Belege auf, frag den Betreiber und vergleiche mit anderen: Alle können das ganze Protokoll mit einem einzigen Befehl prüfen.',
  foundAt: (time) => `Gefunden am ${time}:`,
  evidence: 'Die Belege',
  copy: 'Belege kopieren',
  copied: 'Kopiert',
  download: 'Belege herunterladen',
  accept: 'Das Protokoll nehmen, wie es jetzt ist …',
  acceptSure: 'Ja, vergiss, was vorher war',
  keepAlarm: 'Nein, den Alarm behalten',
};
