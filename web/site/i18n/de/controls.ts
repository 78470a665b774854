/** The controls in German. */
import type { Words } from '../en.ts';
import { figures } from './figures.ts';

const percent = (value: number): string => figures.percent(value / 100);

export const controls: Words['controls'] = {
  title: 'Wie dieser Tab arbeitet',
  more: 'Weitere Einstellungen',
  ownChoice: 'Deine eigene Wahl: Einige Einstellungen unten weichen von allen dreien ab.',
  broken:
    'Was du gewählt hattest, ließ sich in diesem Browser nicht lesen. Deshalb gelten die üblichen Einstellungen. Wähl noch einmal, was dir wichtig ist.',
  presets: {
    gentle: {
      label: 'Sanft',
      help: 'Ein Viertel der Zeit und nur am Netzteil. Du wirst es kaum merken.',
    },
    balanced: {
      label: 'Ausgewogen',
      help: 'Die Hälfte der Zeit; im Akkubetrieb, solange er mehr als halb voll ist. Langsamer, während du hier bist.',
    },
    all: {
      label: 'Alles, was geht',
      help: 'Die ganze Zeit, auch im Akkubetrieb und wenn das Gerät beschäftigt ist. Wird warm, hörbar und leert den Akku.',
    },
  },
  each: {
    inBackground: {
      label: 'Im Hintergrund weiterrechnen',
      help: 'Auch während du einen anderen Tab ansiehst. Der Browser legt diesen Tab dann nicht schlafen, und er verbraucht die ganze Zeit Strom. Aus: Er ruht, wenn du ihn nicht siehst.',
    },
    gpuPercent: {
      label: 'Grafikkarte',
      help: 'Anteil der Zeit. Weniger ist kühler und leiser und bringt weniger ein.',
    },
    cpuPercent: {
      label: 'Prozessor',
      help: 'Anteil der Zeit eines Kerns. Weniger lässt mehr für alles andere übrig.',
    },
    whenUsed: {
      label: 'Während jemand das Gerät benutzt',
      help: 'Richtet sich nach dem, was du auf dieser Seite tust; nach dem ganzen Gerät, wenn du es erlaubst.',
    },
    awayAfterMinutes: {
      label: 'Abwesend nach',
      help: 'Minuten ohne Berührung, bevor es losgeht.',
    },
    battery: {
      label: 'Im Akkubetrieb',
      help: 'Rechnen leert einen Laptop in ein bis zwei Stunden.',
    },
    batteryPercent: { label: 'Ruhen ab', help: 'Prozent Ladung und darunter.' },
    yieldsToPressure: {
      label: 'Platz machen, wenn das Gerät beschäftigt ist',
      help: 'Halb so viel, wenn es viel zu tun hat; nichts, wenn es zu viel ist. Kostet etwas Credit.',
    },
    onMeteredLine: {
      label: 'Auch über mobile oder datensparende Verbindungen',
      help: 'Modelle sind jeweils mehrere Megabyte groß. Aus: Über eine solche Verbindung ruht er.',
    },
    schedule: {
      label: 'Nur zu bestimmten Zeiten',
      help: 'Nach der Uhr dieses Geräts. Über Mitternacht, wenn das Ende vor dem Anfang liegt.',
    },
    dataCapMb: {
      label: 'Höchstens so viele Daten am Tag',
      help: 'Megabyte, beide Richtungen zusammen. Ist die Grenze erreicht, ruht die Arbeit bis Mitternacht.',
    },
    memoryCapMb: {
      label: 'Höchstens so viel Speicher',
      help: 'Megabyte für ein Arbeitspaket. Weniger schließt große Modelle aus. Die Verbindung wird neu aufgebaut.',
    },
    screenAwake: {
      label: 'Bildschirm anlassen',
      help: 'Solange er rechnet und du diesen Tab siehst. Auch der Bildschirm verbraucht Strom.',
    },
    tellsRegion: {
      label: 'Meinen Teil der Welt mitzählen',
      help: 'Die Seite Netzwerk zählt diesen Tab dann etwa unter „Europa“, nach der Zeitzone deiner Uhr. Ohne dies wird nichts gesagt. Die Verbindung wird neu aufgebaut, Angefangenes geht zurück.',
    },
  },
  whenUsed: {
    same: 'Weiter wie sonst',
    slow: 'Halb so viel',
    rest: 'Ruhen: nur, wenn ich weg bin',
  },
  battery: {
    charging: 'Ruhen',
    above: 'Weiter bis zu einem Ladestand',
    any: 'Weiter',
  },
  days: ['Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So'],
  scheduleDays: 'Tage, an denen es anfängt',
  from: 'Von',
  to: 'Bis',
  megabytes: (label) => `${label}: Megabyte`,
  keptFiles: {
    kept: (megabytes) =>
      `Auf diesem Gerät liegen ${megabytes} MB: Modelle, Eingaben und die Dateien dieser Seiten.`,
    remove: 'Modelle und Eingaben löschen',
    removed: 'Gelöscht. Dein Schlüssel, deine Einstellungen und deine Credits bleiben.',
    failed:
      'Dieser Browser gab es nicht frei. In seinen Einstellungen lassen sich die Daten dieser Website löschen.',
  },
  askForDevice: 'Diese Seite wissen lassen, wann das ganze Gerät ruht',
  deviceKnown: 'Diese Seite erfährt, wann das ganze Gerät ruht.',
  deviceRefused: 'Nicht erlaubt: Es zählt, was du auf dieser Seite tust.',
  notTold: 'Dieser Browser verrät das nicht, daher wirkt es hier nicht.',
  percent,
  duty: {
    gpuSoFar: (measured, wanted) =>
      `Die Grafikkarte hat bisher ${measured} der Zeit gearbeitet; gewünscht sind ${wanted}.`,
    gpuLately: (measured, wanted) =>
      `Die Grafikkarte hat in der letzten Minute ${measured} der Zeit gearbeitet; gewünscht sind ${wanted}.`,
    cpuSoFar: (measured, wanted) =>
      `Der Prozessor hat bisher ${measured} der Zeit gearbeitet; gewünscht sind ${wanted}.`,
    cpuLately: (measured, wanted) =>
      `Der Prozessor hat in der letzten Minute ${measured} der Zeit gearbeitet; gewünscht sind ${wanted}.`,
  },
  dataToday: (megabytes) => `Heute ${megabytes} MB`,
  slowed: {
    inUse: 'Gerade weniger, als du gewählt hast, weil du hier bist.',
    pressure: 'Gerade weniger, als du gewählt hast, weil das Gerät viel zu tun hat.',
    both: 'Gerade weniger, als du gewählt hast, weil du hier bist und das Gerät viel zu tun hat.',
  },
  resting: {
    label: 'Ruht',
    break: (time) => `Ruht auf deinen Wunsch bis ${time} Uhr.`,
    noDay: 'Ruht, weil kein Tag gewählt ist, an dem er arbeiten darf.',
    notYet: (time) => `Ruht, weil es noch nicht so weit ist: Es geht um ${time} Uhr los.`,
    notYetOn: (weekday, time) =>
      `Ruht, weil es noch nicht so weit ist: Es geht am ${weekday} um ${time} Uhr los.`,
    hidden:
      'Ruht, weil du diesen Tab nicht siehst. Er macht weiter, sobald du ihn siehst, oder im Hintergrund, wenn du das unten erlaubst.',
    deviceInUse: 'Ruht, weil jemand das Gerät benutzt.',
    inUse: (time) =>
      `Ruht, weil du hier bist: Um ${time} Uhr geht es weiter, wenn du nichts berührst.`,
    notCharging: (charge) => `Ruht, weil das Gerät nicht geladen wird (${percent(charge)}).`,
    battery: (charge, floor) =>
      `Ruht, weil der Akku bei ${percent(charge)} steht: Über ${percent(floor)} oder am Netzteil geht es weiter.`,
    metered:
      'Ruht, weil diese Verbindung mobil ist oder Daten spart. Es geht weiter, sobald das nicht mehr so ist.',
    dataCap: (megabytes) =>
      `Ruht, weil die ${figures.count(megabytes)} MB für heute aufgebraucht sind. Um Mitternacht geht es weiter.`,
    pressure:
      'Ruht, weil das Gerät zu viel zu tun hat. Eine halbe Minute, nachdem das vorbei ist, geht es weiter.',
  },
};
