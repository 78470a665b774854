/** Choosing work, seeing it, and what a device is ready for, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const wishes: InnerWords['wishes'] = {
  title: 'Was gerechnet wird',
  kind: { label: 'Arten von Arbeit', help: 'Was dieser Tab bekommen darf, vom nächsten Paket an.' },
  kinds: {
    any: 'Modelle und Kernel',
    model: 'Nur Modelle (ONNX: Bilder, Text, Zahlen)',
    kernel: 'Nur Kernel (Mathematik aus dem Katalog)',
  },
  rate: {
    label: 'Mindestens so viele Credits für Arbeit',
    help: 'Prozent des Listenpreises. Geboten wird ab 50, meist 100. Über 100 gibt es vielleicht nichts zu tun.',
  },
  authorsNot: 'Ausgelassene Auftraggeber',
  authorsOnly: 'Nur diese Auftraggeber',
  jobsNot: 'Ausgelassene Aufträge',
  jobsOnly: 'Nur diese Aufträge',
  takeBack: (label) => `Zurücknehmen: ${label}`,
  takeBackShort: 'Zurücknehmen',
  where: 'Einzelne Aufträge und Auftraggeber wählst du auf der Seite',
  against: {
    kind: 'Dein Tab bekommt das nicht: Du hast die andere Art von Arbeit gewählt.',
    job: 'Dein Tab bekommt das nicht: Du hast den Auftrag ausgelassen oder nur andere gewählt.',
    author:
      'Dein Tab bekommt das nicht: Du hast den Auftraggeber ausgelassen oder nur andere gewählt.',
    rate: 'Dein Tab bekommt das nicht: Es bietet weniger, als du verlangst.',
  },
  thisJob: 'Dieser Auftrag',
  thisAuthor: 'Dieser Auftraggeber',
  not: 'Nichts für mich',
  only: 'Nur das',
  full: (most) =>
    `Du hast schon ${count(most)} gewählt: Nimm unter „Wie dieser Tab arbeitet“ etwas zurück.`,
  rateOf: (percent) => `${percent} % des Listenpreises`,
  pays: 'Credits für Arbeit',
};

export const seeing: InnerWords['seeing'] = {
  title: 'Was gerade gerechnet wird',
  job: 'Auftrag',
  author: 'Für',
  nothing: 'Im Moment läuft nichts.',
  choose: 'Nichts für dich? Wähle auf der Seite',
  rate: 'Elemente pro Sekunde',
  rateLately: 'Elemente pro Sekunde in den letzten zwei Minuten',
  duty: 'Anteil der Zeit bei der Arbeit',
  dutyLately: 'Anteil der Zeit bei der Arbeit in den letzten zwei Minuten, in Prozent',
  notYet: 'noch nicht gemessen',
  credit: 'Credits dieser Sitzung',
  waiting: 'Noch nicht entschieden',
  about: (credits) => `etwa ${credits}`,
  final: 'Gutgeschrieben',
  pieces: (pieces) =>
    plural(pieces, { one: 'ein Arbeitspaket', other: `${count(pieces)} Arbeitspakete` }),
  refused: (pieces) =>
    plural(pieces, {
      one: 'Ein Paket wurde nicht angenommen.',
      other: `${count(pieces)} Pakete wurden nicht angenommen.`,
    }),
  refusedLink: 'Warum?',
  picture: 'Eines der hier berechneten Elemente',
  captions: {
    digit: (digit) =>
      `Gelesen als ${count(digit)}. Die Balken vergleichen die zehn Ausgaben des Modells, 0 bis 9.`,
    class: (outputs, output) =>
      `Was hineinging. Von ${count(outputs)} Ausgaben ist Nummer ${count(output)} die größte.`,
    noFaces: 'In diesem Bild wurde kein Gesicht gefunden.',
    faces: (faces) =>
      plural(faces, {
        one: 'In diesem Bild wurde ein Gesicht gefunden.',
        other: `In diesem Bild wurden ${count(faces)} Gesichter gefunden.`,
      }),
    volume: (dimensions, estimate, exact) =>
      `Volumen einer Kugel in ${count(dimensions)} Dimensionen: ${estimate} nach den Zufallspunkten dieses Elements, ${exact} in Wahrheit.`,
    bodies: (bodies, steps) =>
      `${count(bodies)} Körper, die einander anziehen, nach ${count(steps)} Schritten. Linien zeigen, woher jeder kam.`,
  },
};

export const session: InnerWords['session'] = {
  title: 'Diese Sitzung',
  time: 'Arbeitszeit',
  items: 'Berechnete Elemente',
  credits: 'Credits',
  undecided: (credits) => `und etwa ${credits} noch nicht entschieden`,
  decided: 'nichts davon steht mehr aus',
  forWhom: 'Für wen',
  of: (items) => plural(items, { one: 'ein Element', other: `${count(items)} Elemente` }),
  more: (jobs) =>
    plural(jobs, { one: 'und ein weiterer Auftrag', other: `und ${count(jobs)} weitere Aufträge` }),
  all: 'Jede Zeile davon steht in',
  share: 'Ein Bild davon teilen',
  saved: 'Das Bild wurde gespeichert.',
  failed: 'Dieser Browser konnte das Bild nicht machen.',
  cardTitle: 'Ich habe einen Browser-Tab an einen gemeinsamen Computer verliehen.',
  cardItems: (items) =>
    plural(items, { one: 'ein Element berechnet', other: `${count(items)} Elemente berechnet` }),
  cardTime: (time) => `Rechenzeit: ${time}`,
  cardCredits: (credits) => `${credits} Credits für Angenommenes`,
  cardFor: (names) => `für ${names}`,
};

export const ready: InnerWords['ready'] = {
  title: 'Bereit zur Arbeit?',
  lead: 'Was dieses Gerät ausführen kann, welche offenen Aufträge dazu passen und wie du deine Einstellungen auf ein anderes mitnimmst. Nachsehen rechnet nichts.',
  looking: 'Das Gerät wird angesehen …',
  noWorker: 'Dieser Browser kann das Rechnen nicht starten:',
  device: 'Dieses Gerät',
  adapter: 'Grafik',
  engines: 'Rechenwerke',
  memory: 'Speicher für ein Arbeitspaket',
  memoryNote:
    'Eine Schätzung: Browser verraten nicht, wie viel frei ist. Deine eigene Grenze zählt, wenn du eine gesetzt hast.',
  cores: 'Prozessorkerne',
  simd: 'WebAssembly mit SIMD-Befehlen',
  threads: 'WebAssembly mit mehreren Threads',
  threadsNo: 'nein: Dafür müsste die Seite von anderen isoliert sein, und das ist sie nicht',
  storage: 'Speicherplatz für Modelle',
  storageOf: (used, quota) => `${used} von höchstens ${quota} von dieser Website belegt`,
  webRtc: 'Verbindungen zu anderen Tabs (WebRTC)',
  yes: 'ja',
  no: 'nein',
  notTold: 'verrät dieser Browser nicht',
  noGpu: 'kein Adapter, den eine Seite nutzen darf',
  features: 'Fähigkeiten und Grenzen der Grafikkarte',
  measure: 'Einige Sekunden messen',
  measuring: 'Wird gemessen …',
  measured: (gigaflops, engine) => `${gigaflops} Milliarden Operationen pro Sekunde (${engine}).`,
  measureNote:
    'Ein kleiner Kernel, nur für dich gerechnet. Rechnet dieser Tab gerade für andere, ist beides langsamer.',
  measureFailed: 'Es konnte nicht gemessen werden:',
  jobs: 'Offene Aufträge',
  jobsNote:
    'Nach den Regeln, nach denen der Koordinator Arbeit vergibt. Darüber hinaus achtet er darauf, wer wen prüfen darf.',
  noJobs: 'Gerade ist kein Auftrag offen.',
  fits: 'Passt zu diesem Gerät',
  misfits: {
    'no-engine': 'Das Gerät hat kein Rechenwerk, das diese Art Programm ausführt.',
    'not-enough-memory': 'Das Programm braucht mehr Speicher, als das Gerät bietet.',
    'not-wished': 'Hier wurde andere Arbeit gewählt.',
  },
  link: 'Einstellungen mitnehmen',
  linkNote:
    'Diese Adresse enthält, wie du diesen Tab eingestellt hast, und nichts über dich. Wer sie öffnet, sieht erst, was sich ändern würde.',
  linkName: 'Adresse mit deinen Einstellungen',
  linkDefault:
    'Du nutzt die Einstellungen, mit denen alle beginnen; die Adresse enthält daher keine.',
  copy: 'Adresse kopieren',
  copied: 'Kopiert.',
  notCopied: 'Dieser Browser erlaubt das nicht: Markiere die Adresse und kopiere sie selbst.',
  qr: 'Dieselbe Adresse als QR-Code',
  tooLong: 'Zu viel für einen QR-Code: Du hast viele Aufträge oder Auftraggeber gewählt.',
  offered: 'Einstellungen in dieser Adresse',
  offeredNote:
    'Jemand hat diese Einstellungen in die Adresse geschrieben, die du geöffnet hast. Geändert wurde nichts.',
  offeredSame: 'Die Einstellungen in dieser Adresse hast du schon.',
  offeredBroken: 'Die Einstellungen in dieser Adresse sind nicht lesbar. Geändert wurde nichts.',
  now: 'Jetzt',
  then: 'Dann',
  setting: 'Einstellung',
  take: 'Diese Einstellungen nutzen',
  keep: 'Meine behalten',
  taken: 'Das sind jetzt deine Einstellungen. Sie bleiben in diesem Browser.',
  kept: 'Es wurde nichts geändert.',
  minutes: (minutes) => plural(minutes, { one: 'eine Minute', other: `${count(minutes)} Minuten` }),
  always: 'immer',
  unlimited: 'keine eigene Grenze',
  leastRate: (percent) => `mindestens ${percent} % des Listenpreises`,
  not: (names) => `nicht ${names}`,
  only: (names) => `nur ${names}`,
  fromJobs: 'Welche davon passen zu diesem Gerät?',
};
