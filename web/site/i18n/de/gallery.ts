/** The gallery of kernels, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const gallery: InnerWords['gallery'] = {
  title: 'Sieh, was dein Gerät kann.',
  lead: 'Jeder Kernel, den ein Auftrag nennen kann, hier nur für dich gerechnet: sein Bild, sein Tempo, ob er richtig rechnet und wie nah er an das herankommt, was dein Gerät bestenfalls kann.',
  note: 'Ein Lauf dauert einige Sekunden und beginnt mit deinem Klick. Rechnet dieser Tab gerade für andere, ist beides langsamer.',
  all: 'Alle Kernel',
  unknown: 'Einen Kernel mit diesem Namen gibt es nicht.',
  source: 'Woher das Verfahren stammt',
  classes: {
    exact: 'Exakt',
    algebraic: 'Durch Algebra bewiesen',
    sampled: 'Durch Stichproben geprüft',
  },
  classNotes: {
    exact: 'Jedes Gerät berechnet dieselben Bits, daher werden Ergebnisse Bit für Bit verglichen.',
    algebraic:
      'Ein kurzer Beweis zeigt, ob ein Ergebnis stimmt, ohne dass es noch einmal berechnet wird.',
    sampled:
      'Geräte runden verschieden. Geheime Stichproben werden noch einmal berechnet und innerhalb einer Grenze verglichen.',
  },
  lastRun: {
    agrees: 'Lief hier und stimmt überein',
    disagrees: 'Lief hier und stimmt nicht überein',
  },
  form: {
    size: 'Größe',
    sizes: { small: 'Klein', medium: 'Mittel', large: 'Groß' },
    params: 'Parameter',
    items: 'Elemente in einem Lauf',
    between: (least, most) => `${least} bis ${most}`,
    json: 'als JSON',
    optional: 'darf leer bleiben',
    run: 'Hier laufen lassen',
    again: 'Noch einmal laufen lassen',
    running: 'Läuft …',
    refused: (field) => `Diesen Wert von „${field}“ nimmt der Kernel nicht:`,
    refusedAll: 'Diese Werte nimmt der Kernel nicht:',
    tooMany: (most) => `Ein Lauf hat 1 bis ${most} Elemente.`,
    tooMuchWork: (flops, most) =>
      `Das sind ${flops} Rechenschritte. Diese Seite rechnet höchstens ${most}, damit dein Gerät dir gehört.`,
    tooMuchData: (bytes, most) =>
      `Das sind ${bytes} Daten. Diese Seite rechnet mit höchstens ${most}.`,
  },
  result: {
    title: 'Was herauskam',
    none: 'Noch ist nichts gelaufen.',
    picture: (item) => `Bild von Element ${count(item)}`,
    wholePicture: 'Bild aller Elemente zusammen',
    rate: 'Elemente je Sekunde',
    rateNote: (items) =>
      plural(items, {
        one: 'von der Eingabe bis zum Ergebnis, ein Element je Lauf',
        other: `von den Eingaben bis zu den Ergebnissen, ${count(items)} Elemente je Lauf`,
      }),
    agrees: 'Stimmt überein',
    disagrees: 'Stimmt nicht überein',
    checking: 'Wird geprüft …',
    compared: (items) =>
      plural(items, {
        one: 'Ein Element wurde mit der Referenz verglichen, nach der Regel, die auch über Ergebnisse der Mitrechnenden entscheidet.',
        other: `${count(items)} Elemente wurden mit der Referenz verglichen, nach der Regel, die auch über Ergebnisse der Mitrechnenden entscheidet.`,
      }),
    bitForBit: 'Bit für Bit gleich.',
    worst: (worst, limit) =>
      `Größter Unterschied eines Elements: ${worst} seiner Größe (Grenze ${limit}).`,
    worstElement: (worst, limit) =>
      `Größte Abweichung eines einzelnen Werts: ${worst} der üblichen Größe (Grenze ${limit}).`,
    reference: 'Dasselbe in reinem JavaScript',
    referenceNote: (ms) => `${ms} ms je Element: Das legt fest, was richtig ist`,
    faster: (times) => `Dein Gerät ist ${times}-mal so schnell.`,
    slower: (times) => `Reines JavaScript ist hier ${times}-mal so schnell.`,
    device: 'Gerechnet hat',
    software: 'Software auf dem Prozessor, weil eine Seite hier keine Grafikkarte bekommt',
    noGpu: 'Dieser Browser gibt Seiten keine Grafikkarte. Nur die Referenz lief:',
  },
  ways: {
    title: 'Wie gerechnet wurde',
    only: (ms) => `Der Kernel hat für dieses Gerät einen Weg. Er brauchte ${ms} ms je Element.`,
    fastest: (way, ways) =>
      `Mit „${way}“: Von den ${count(ways)} Wegen, die der Kernel für dieses Gerät hat, war er gerade der schnellste.`,
    trying: (begun, ways) => `Weg ${count(begun)} von ${count(ways)} wird probiert …`,
    way: 'Weg',
    family: 'Wie Threads zusammenarbeiten',
    time: 'ms je Element',
    families: {
      registers: 'jeder für sich',
      tiled: 'Gruppen teilen Speicher',
      subgroups: 'Bahnen tauschen Werte',
      halves: 'mit 16-Bit-Zahlen',
    },
    wgsl: 'Das WGSL, das hier lief',
  },
  roofline: {
    title: 'Was das Gerät bestenfalls könnte',
    lead: 'Daneben wurden zwei kleine Programme gemessen: eines, das nur Speicher kopiert, und eines, das nur multipliziert und addiert. Über beiden Linien kann kein Kernel liegen, außer seine Daten bleiben in Caches.',
    measuring: 'Die Linien werden gemessen …',
    copies: 'Kopiert Speicher mit',
    adds: 'Multipliziert und addiert mit',
    kernel: 'Dieser Kernel schafft',
    intensity: 'Rechenschritte je Byte',
    byMemory: (share) => `${share} dessen, was der Speicher erlaubt: Das Bewegen der Daten bremst.`,
    byArithmetic: (share) =>
      `${share} dessen, was das Rechenwerk erlaubt: An Daten fehlt es ihm nicht.`,
    above: (times) =>
      `Das ${times}-Fache dessen, was der Speicher erlauben würde: Die Daten bleiben in Caches.`,
    beyond: (times) =>
      `Das ${times}-Fache dessen, was das Rechenwerk erlaubt: Gezählt wird alles, was der Kernel tun müsste, und er war eher fertig.`,
    chart: (name) => `${name} unter den Grenzlinien dieses Geräts; die Zahlen stehen daneben`,
    axisX: 'Rechenschritte je Byte',
    code: 'Wie die Linien gemessen werden',
  },
  failed: {
    'device-lost': 'Die Grafikkarte ging mittendrin verloren. Lass es noch einmal laufen.',
    'out-of-memory': 'Die Grafikkarte hat dafür keinen Platz. Nimm eine kleinere Größe.',
    refused: 'Die Grafikkarte nimmt diesen Kernel nicht:',
    broken: 'Das ließ sich nicht ausführen:',
    silent: 'Eine Minute lang kam nichts, daher wurde der Lauf beendet. Nimm eine kleinere Größe.',
  },
  sources: {
    title: 'Lies es und prüf uns nach',
    note: 'Aus diesen Dateien wurde diese Seite gebaut.',
    composed: (made, by) =>
      `${made} ist das, was ${by} aus der kleinen Größe macht; andere Geräte und Größen bekommen anderes.`,
    roles: {
      shader: 'Der Kernel (WGSL)',
      reference: 'Die Referenz',
      test: 'Die Tests',
      manifest: 'Was er von sich sagt',
      other: 'Daneben',
    },
    file: (name) => `Text von ${name}`,
    save: 'Diese Datei speichern',
    missing: 'Eine Datei mit diesem Namen gibt es nicht.',
    notLoaded: 'Die Datei konnte nicht geladen werden.',
  },
};
