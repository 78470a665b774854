/** What the widget says, in German. */
import type { WidgetWords } from './en.ts';

export const de: WidgetWords = {
  direction: 'ltr',
  help: (site) => `Hilf ${site} mit einem freien Tab`,
  badge: (site) => `Hilf ${site}`,
  open: 'Wie?',
  share: (site, percent) =>
    percent === 0
      ? `Alle Credits bleiben bei dir. ${site} bekommt nichts davon.`
      : `${percent} % deiner Credits gehen an ${site}.`,
  runs: 'Dein Browser rechnet kleine Stücke Wissenschaft und Mathematik, nie fremde Skripte, und nur solange dieser Tab zu sehen ist.',
  cost: 'Das braucht etwas Strom (ein Laptop 15 bis 45 Watt mehr) und wenig Daten. Gerechnet wird die halbe Zeit; im Akkubetrieb endet es bei 50 %, und immer, wenn du die Seite schließt.',
  costShort: 'Das braucht etwas Strom und wenig Daten. Ein Klick beendet es.',
  brief:
    'Dein Browser rechnet kleine, geprüfte Stücke Arbeit. Das braucht etwas Strom und wenig Daten. Ein Klick beendet es.',
  change: 'Anderen Anteil geben',
  shareLabel: (site) => `Anteil für ${site}, in Prozent`,
  start: 'Mitrechnen',
  goOn: 'Weiterrechnen',
  before: 'Du hast hier schon einmal zugestimmt. Ohne deinen Klick beginnt nichts.',
  stoppedBefore: 'Beim letzten Mal hast du es hier beendet.',
  confirm: 'In neuem Fenster bestätigen',
  confirmNote:
    'Dein Browser kann nicht feststellen, ob diese Seite den Knopf verdeckt. Darum bestätigst du in einem eigenen Fenster.',
  confirmTitle: (site) => `Für ${site} rechnen?`,
  confirmLead: (site) =>
    `Du hast auf einer Seite von ${site} „Mitrechnen“ angeklickt. War das nicht gewollt, schließe dieses Fenster.`,
  confirmYes: 'Ja, beginnen',
  confirmLost:
    'Die Seite, von der du kommst, ist nicht mehr da. Du kannst stattdessen hier rechnen.',
  confirmHere: 'Idlewave öffnen',
  checking: 'Einen Moment …',
  waitingForWindow: 'Wartet auf deine Antwort im anderen Fenster.',
  loading: 'Wird vorbereitet …',
  notLoaded: 'Es konnte nicht geladen werden. Versuch es gleich noch einmal.',
  popupBlocked: 'Das Fenster wurde blockiert. Erlaube es, oder öffne Idlewave selbst:',
  what: 'Was ist das?',
  stop: 'Anhalten',
  pause: 'Pause',
  resume: 'Weiter',
  earned: 'Credits bei diesem Besuch',
  items: (count, text) => (count === 1 ? 'Ein Stück gerechnet' : `${text} Stücke gerechnet`),
  session:
    'Dieser Browser behält für diese Seite nichts: Deine eigenen Credits enden mit diesem Besuch. Was die Website bekam, bleibt.',
  region: 'Idlewave: Rechenzeit spenden',
  refusals: {
    'not-a-person': 'Das war kein Klick eines Menschen, also beginnt nichts.',
    'too-small': 'Hier ist zu wenig Platz, um dich richtig zu fragen, also beginnt nichts.',
    'not-seen':
      'Etwas auf dieser Seite verdeckt einen Teil dieses Kastens, also beginnt nichts. Scrolle, bis er ganz zu sehen ist.',
    'just-appeared': 'Das ging schnell. Klicke noch einmal, damit es sicher gewollt ist.',
    moved: 'Der Kasten hat sich beim Klicken bewegt, also beginnt nichts. Klicke noch einmal.',
    'tap-again': 'Tippe noch einmal, damit es sicher gewollt ist.',
    repeated: 'Klicke einmal, nicht doppelt, damit es sicher gewollt ist.',
  },
  states: {
    connecting: 'Verbindet sich …',
    waiting: 'Bereit. Im Moment gibt es keine Arbeit für dieses Gerät.',
    working: 'Rechnet',
    recovering: 'Die Grafikkarte wurde zurückgesetzt. Gleich geht es weiter.',
    'backing-off': 'Das Netzwerk ist nicht zu erreichen. Es wird von selbst wieder versucht.',
    elsewhere: 'Ein anderer Tab dieser Website rechnet schon.',
    paused: 'In der Pause',
    hidden: 'Ruht: Dieser Kasten ist von der Seite verdeckt.',
    unseen: 'Ruht: Dieser Kasten war eine Weile nicht zu sehen.',
    resting: 'Ruht, weil dein Gerät es braucht.',
    stopped: 'Beendet. Danke.',
    failed: (text) => `Beendet: ${text}`,
  },
};
