/** A place on a route, in German. */
import type { Words } from '../en.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const route: Words['route'] = {
  title: 'Ein Modell über mehrere Tabs',
  stages: 'Stufen',
  stage: (stage) => `Stufe ${stage}`,
  stageRange: (first, last) => `Stufen ${first}–${last}`,
  inputs: 'Eingaben',
  results: 'Ergebnisse',
  coordinator: 'Koordinator',
  otherTab: 'anderer Tab',
  thisTab: 'dieser Tab',
  held: (batches) =>
    plural(batches, {
      one: `${count(batches)} Bündel hier`,
      other: `${count(batches)} Bündel hier`,
    }),
  holdsAll: (stages, job) => `Dieser Tab rechnet alle ${stages} Stufen von „${job}“.`,
  holdsOne: (stage, of, job) => `Dieser Tab rechnet Stufe ${stage} der ${of} von „${job}“.`,
  holdsRange: (first, last, of, job) =>
    `Dieser Tab rechnet die Stufen ${first}–${last} der ${of} von „${job}“.`,
  fromCoordinator: 'Seine Eingaben kommen vom Koordinator.',
  toCoordinator: 'Was er rechnet, ist das Ergebnis und geht an den Koordinator.',
  fromStage: (stage) => `Er bekommt Daten vom Tab mit Stufe ${stage}`,
  toStage: (stage) => `Er sendet an den Tab mit Stufe ${stage}`,
  unknown: (what) => `${what}; wer das ist, zeigt sich gleich.`,
  notReached: (what, how) => `${what}: ${how}.`,
  reached: (what, how, numbers) => `${what}, ${how} (${numbers}).`,
  roundTrip: (ms) => `${ms} ms`,
  soFar: (bytes) => `${bytes} bisher`,
  roundTripAndSoFar: (ms, bytes) => `${ms} ms hin und zurück, ${bytes} bisher`,
  heldNone: 'Hier wartet nichts.',
  heldSome: (batches) =>
    plural(batches, {
      one: 'Ein Bündel Aktivierungen ist hier.',
      other: `${count(batches)} Bündel Aktivierungen sind hier.`,
    }),
  leaving:
    'Auf dieser Route wird nichts Neues angefangen. Wenn fertig ist, was unterwegs ist, übernimmt ein anderer Tab diesen Platz.',
  staying:
    'Anhalten oder Pause gibt diesen Platz sofort frei, und was unterwegs ist, wird noch einmal gerechnet. Abgeben dauert ein paar Sekunden, und nichts geht verloren.',
  paths: {
    connecting: { label: 'verbindet', how: 'die Verbindung wird gerade aufgebaut' },
    direct: { label: 'direkt', how: 'direkt von Browser zu Browser' },
    turn: { label: 'TURN', how: 'über einen TURN-Server, der nicht mitlesen kann' },
    relayed: {
      label: 'vermittelt',
      how: 'über den Koordinator, weil kein direkter Weg gefunden wurde',
    },
    broken: {
      label: 'getrennt',
      how: 'die Verbindung ist abgebrochen; eine andere wird gesucht',
    },
  },
};
