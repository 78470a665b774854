/** The first page in German. */
import type { Words } from '../en.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const invitation: Words['invitation'] = {
  idea: 'Leih diesen Tab einem gemeinsamen Computer.',
  lead: 'Menschen stellen Aufgaben ein, die für einen Rechner allein zu groß sind. Dein Browser rechnet ein Stück davon, ein anderer prüft es, und was richtig war, wird dir gutgeschrieben. Nichts zu installieren, keine Anmeldung.',
  earned: (credits) => `Bei diesem Besuch hast du ${credits} Credits verdient.`,
  start: 'Mitrechnen',
  remember: 'Von selbst wieder anfangen, wenn ich auf diese Seite zurückkomme',
};

export const promises: Words['promises'] = {
  title: 'Was passiert, wenn du anfängst',
  answers: [
    {
      question: 'Was läuft',
      answer:
        'Nur Mathematik: WebGPU-Kernel, die geprüft sind, bevor sie herkommen, und ONNX-Modelle. Das sind Daten, niemals Skripte. Sie sehen weder deine Dateien noch andere Tabs noch dein Netzwerk.',
    },
    {
      question: 'Wie lange',
      answer:
        'Bis du pausierst, anhältst oder den Tab schließt. Gerechnet wird auf deiner Grafikkarte oder einem Prozessorkern, und Unfertiges geht zurück, sobald du gehst.',
    },
    {
      question: 'Was gesendet wird',
      answer:
        'Ergebnisse und wie schnell sie kamen, und zwar nur an diese Website. Für dich steht ein Schlüssel, der in diesem Browser entsteht: kein Name, außer du gibst einen an, keine E-Mail. Modelle werden einmal geladen und behalten, höchstens 1 GiB.',
    },
    {
      question: 'Was du bekommst',
      answer:
        'Einen Credit je Billion Rechenoperationen, sobald andere sie bestätigt haben oder wenn der Auftrag keine Prüfung verlangt. Falsche Ergebnisse bringen nichts, egal, von wem sie kommen.',
    },
  ],
};

export const states: Words['states'] = {
  off: { label: 'Aus', sentence: 'Es wird nichts gerechnet.' },
  connecting: { label: 'Verbindet', sentence: 'Die Verbindung zum Koordinator wird aufgebaut.' },
  offline: {
    label: 'Offline',
    sentence: (seconds) =>
      `Der Koordinator ist nicht erreichbar. ${plural(seconds, { one: 'Neuer Versuch innerhalb einer Sekunde', other: `Neuer Versuch innerhalb von ${count(seconds)} Sekunden` })}; was in Arbeit ist, geht weiter.`,
  },
  waiting: {
    label: 'Wartet',
    asking: 'Verbunden. Fragt nach Arbeit.',
    told: (why) => `Verbunden. ${why}`,
  },
  preparing: {
    label: 'Bereitet vor',
    sentence: 'Holt, was für das nächste Arbeitspaket gebraucht wird.',
  },
  computing: { label: 'Rechnet', sentence: (job) => `Rechnet an „${job}“.` },
  recovering: {
    label: 'Erholt sich',
    sentence: 'Das Rechenwerk ist ausgefallen und startet neu. Es geht nichts verloren.',
  },
  handingOver: {
    label: 'Gibt ab',
    work: 'Macht fertig, was in Arbeit ist. Dann hält dieser Tab an.',
    route:
      'Macht fertig, was hier unterwegs ist. Dann übernimmt ein anderer Tab diesen Platz, und dieser hält an.',
  },
  paused: {
    label: 'Pausiert',
    linked: 'Es wird nichts gerechnet; Unfertiges ging zurück.',
    unlinked: 'Es wird nichts gerechnet, und dieser Tab ist nicht verbunden.',
  },
  asleep: {
    label: 'Schläft',
    sentence: 'Der Browser hat diesen Tab schlafen gelegt; die Arbeit ging zurück.',
  },
  elsewhere: {
    label: 'In einem anderen Tab',
    sentence:
      'In diesem Browser rechnet schon ein anderer Tab. Einer genügt: Zwei würden sich dasselbe Gerät teilen. Dieser macht weiter, wenn der andere geschlossen wird.',
  },
  thanks: 'Angehalten. Danke für das, was du gegeben hast.',
  stopped: 'Angehalten',
};

export const run: Words['run'] = {
  resumed: 'Rechnet von selbst wieder, wie du es bei einem früheren Besuch wolltest.',
  forget: 'Nicht mehr von selbst anfangen',
  remember: 'Nächstes Mal wieder so',
  downloading: (job) => `Lädt, was „${job}“ braucht. Es bleibt für das nächste Mal da.`,
  itemsDone: (done, items) =>
    `${count(done)} von ${count(items)} ${plural(items, { one: 'Element', other: 'Elementen' })}`,
  pieceOf: (job) => `Dieses Paket von ${job}`,
  rate: 'Elemente pro Sekunde',
  items: 'Berechnete Elemente',
  credits: 'Credits',
  checked: 'Von anderen geprüft',
  engine: 'Rechenwerk.',
  refused: (why) => `Ein Ergebnis wurde nicht angenommen: ${why}`,
  pause: 'Pause',
  resume: 'Weiter',
  stop: 'Anhalten',
  stopNow: 'Sofort anhalten',
  goOn: 'Jetzt weiter',
  break: 'Eine Stunde Pause',
  stay: 'Doch bleiben',
  handOver: 'Abgeben, dann anhalten',
  finish: 'Fertig rechnen, dann anhalten',
  creditNote: {
    none: 'für angenommene Arbeit',
    earlier: 'aus früheren Besuchen',
    now: 'alle bei diesem Besuch',
    part: (credits) => `+${credits} bei diesem Besuch`,
  },
  checkedNote: {
    none: 'Arbeitspakete',
    agreed: 'alle bestätigt',
    disagreed: (reports) => `${count(reports)} nicht bestätigt`,
    unchecked: (reports) => `${count(reports)} ungeprüft`,
    both: (first, second) => `${first}, ${second}`,
  },
  chunks: {
    from: (megabytes) => `Von Modellen kamen ${count(megabytes)} MB aus anderen Tabs.`,
    to: (megabytes) => `Von Modellen gingen ${count(megabytes)} MB an andere Tabs.`,
    both: (from, to) =>
      `Von Modellen kamen ${count(from)} MB aus anderen Tabs, ${count(to)} MB gingen dorthin.`,
  },
  account: 'Dein Konto',
  keepSafe: 'Du hast jetzt Credits: Bewahr sie gut auf',
};
