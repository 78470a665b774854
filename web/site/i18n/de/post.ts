/** The page that posts a job and follows it, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const post: InnerWords['post'] = {
  title: 'Lass viele Tabs dein Modell rechnen.',
  lead: 'Zieh ein ONNX-Modell und deine Bilder oder Arrays auf diese Seite, sieh, was es kosten würde und wie viel davon falsch sein könnte, und schau zu, wie geprüfte Ergebnisse eintreffen.',
  strangers:
    'Die Geräte der Mitrechnenden sehen das Modell und seine Eingaben: Stell nichts Geheimes ein.',
  provisional:
    'Ein Ergebnis zählt, sobald es entschieden ist: geprüft, wie es der Auftrag verlangt. Bis dahin ist es vorläufig und kann noch zurückgenommen werden.',
  open: 'Weiter',
  another: 'Weiteren Auftrag einstellen',
  recent: 'Deine neuesten Aufträge',
  states: {
    paused: 'pausiert',
    running: 'läuft',
    done: 'fertig',
    failed: 'fehlgeschlagen',
    cancelled: 'abgebrochen',
  },
  model: {
    title: '1. Das Modell',
    drop: 'Zieh ein ONNX-Modell hierher oder wähle eines aus',
    note: 'Eine .onnx-Datei. Sie bleibt auf dieser Seite, bis du nach dem Preis fragst.',
    takes: 'Eingaben',
    gives: 'Ausgaben',
    change: 'Anderes Modell wählen',
  },
  inputs: {
    title: '2. Was es bekommt',
    drop: (name) => `Zieh Bilder oder ein Array für „${name}“ hierher oder wähle Dateien aus`,
    note: 'PNG, JPEG oder WebP, ein Bild je Element; oder .npy, .npz, .safetensors mit einem Array, dessen erste Achse die Elemente sind.',
    preparing: (done, total) => `Bilder werden vorbereitet: ${count(done)} von ${count(total)}`,
    items: (items) => plural(items, { one: 'ein Element', other: `${count(items)} Elemente` }),
    constant: 'Für alle Elemente gleich',
    change: 'Andere Dateien wählen',
    prepared: 'Wie Bilder vorbereitet werden',
    words: 'Angaben wie nach --preprocess',
    again: 'Noch einmal vorbereiten',
    leftOut: (files) =>
      plural(files, {
        one: 'Eine Datei wurde ausgelassen:',
        other: `${count(files)} Dateien wurden ausgelassen:`,
      }),
    more: (files) =>
      plural(files, { one: 'und eine weitere', other: `und ${count(files)} weitere` }),
    seen: 'Die ersten Bilder, wie das Modell sie sieht',
    neither: (file) => `„${file}“ ist weder ein Bild noch eine Datei mit Arrays.`,
    mixed: 'Wähle entweder Bilder oder eine einzige Datei mit Arrays.',
    unequal: 'Die Eingaben haben nicht gleich viele Elemente.',
  },
  offer: {
    title: '3. Preis und Fehlerquote',
    name: 'Name des Auftrags',
    nameNote: 'Alle können ihn lesen.',
    rate: 'Was du bietest, in Prozent des Listenpreises',
    ask: 'Preis und Fehlerquote ansehen',
    asking: 'Daten werden gesendet, der Preis wird erfragt …',
    asked: 'So viel würde es jetzt kosten.',
    missing: (names) => `Es fehlt noch: ${names}`,
    price: 'Preis',
    credits: (amount) => `${amount} Credits`,
    size: 'Umfang',
    shards: (items, shards) =>
      `${items} in ${plural(shards, { one: 'einem Paket', other: `${count(shards)} Paketen` })}`,
    work: 'Arbeit je Element',
    flops: (flops) => `${flops} Gleitkommaoperationen`,
    hosts: 'Mitrechnende',
    enough: (people) =>
      plural(people, {
        one: 'Eine Person ist verbunden, die das rechnen könnte: genug.',
        other: `${count(people)} Personen sind verbunden, die das rechnen könnten: genug.`,
      }),
    notEnough: (people) =>
      people === 0
        ? 'Niemand ist verbunden, der das rechnen könnte: Der Auftrag würde warten.'
        : plural(people, {
            one: 'Eine Person ist verbunden, die das rechnen könnte: noch nicht genug, der Auftrag würde auf weitere warten.',
            other: `${count(people)} Personen sind verbunden, die das rechnen könnten: noch nicht genug, der Auftrag würde auf weitere warten.`,
          }),
    time: 'Dauer',
    between: (low, high) => `${low} bis ${high}, wenn er jetzt eingestellt würde`,
    check: 'Wie geprüft wird',
    policies: {
      quorum: (opinions) => (opinions === 1 ? 'Nicht geprüft' : `${count(opinions)}-mal gerechnet`),
      sampled: 'Geheime Stichproben',
      algebraic: 'Jedes Produkt geprüft',
      stages: 'Stufen geprüft',
    },
    wrong: (share) => `höchstens ${share} falsch`,
    cost: (share) => `die Prüfung kostet ${share}`,
    post: 'Auftrag einstellen',
    posting: 'Wird eingestellt …',
  },
  job: {
    progress: (done, total) => `${count(done)} von ${count(total)} Elementen angenommen`,
    settled: 'Entschieden',
    waiting: 'Vorläufig',
    failed: 'Fehlgeschlagen',
    wrong: 'Falsche Meldungen gefunden',
    rate: 'Elemente pro Sekunde',
    rateLately: 'Elemente pro Sekunde in den letzten zwei Minuten',
    left: (time) => `noch etwa ${time}`,
    paid: 'Bisher bezahlt',
    paidOf: (price) => `von ${price} Credits`,
    checked: 'Geprüft',
    why: 'Worauf er wartet',
    pause: 'Auftrag pausieren',
    resume: 'Weiterlaufen lassen',
    cancel: 'Auftrag abbrechen',
    cancelSure: 'Endgültig abbrechen',
    cancelled: 'Abgebrochen. Was entschieden ist, bleibt.',
    results: 'Die ersten Ergebnisse',
    noResults: 'Die ersten Ergebnisse erscheinen hier, sobald sie entschieden sind.',
    item: (item) => `Element ${count(item)}`,
    noResult: 'ließ sich nicht berechnen',
    best: (label, score) => `${label}: ${score}`,
    output: (output) => `Ausgabe ${count(output)}`,
  },
  save: {
    title: 'Nimm die Ergebnisse mit',
    labels: 'Namen der Klassen',
    labelsNote: 'Eine Textdatei: Zeile 1 ist Klasse 0.',
    what: 'Was von jedem Element',
    all: 'Alle Werte',
    best: 'Die beste Klasse',
    top: (most) => `Die ${count(most)} besten Klassen`,
    softmax: 'Werte als Wahrscheinlichkeiten (softmax)',
    as: (kind) => `Als ${kind} speichern`,
    partial: 'Der Auftrag läuft noch: Die Datei enthält, was bis jetzt entschieden ist.',
    saved: 'Gespeichert.',
    command: 'Oder im Terminal, auch für das, was für eine Seite zu groß ist:',
  },
};
