/** The frame of every page, in German. */
import type { Words } from '../en.ts';
import { figures } from './figures.ts';

const { plural, tenths } = figures;

export const pages: Words['pages'] = {
  contribute: 'Mitrechnen',
  mine: 'Mein Beitrag',
  credits: 'Meine Credits',
  leaderboard: 'Bestenliste',
  network: 'Netzwerk',
  jobs: 'Aufträge',
  kernels: 'Kernel',
  help: 'Hilfe',
  certificate: 'Urkunde',
  ready: 'Bereit zur Arbeit',
  sites: 'Für Websites',
  post: 'Auftrag einstellen',
};

export const shell: Words['shell'] = {
  title: 'Idlewave: Leih einem gemeinsamen Computer einen offenen Tab',
  home: 'Idlewave, Startseite',
  pages: 'Seiten',
  language: 'Sprache',
  skip: 'Direkt zum Inhalt',
  pause: 'Pause',
  resume: 'Weiter',
  loading: 'Wird geladen …',
  notLoaded: 'Diese Seite konnte nicht geladen werden.',
  creditsNotLoaded: 'Die Anzeige deiner Credits konnte nicht geladen werden.',
  again: 'Noch einmal versuchen',
  newer: 'Es gibt eine neuere Version dieser Seite.',
  partMissing: 'Ein Teil dieser Seite konnte nicht geladen werden.',
  loadAnew: 'Seite neu laden',
  finishAndLoad: 'Angefangenes beenden, dann neu laden',
  finishing: 'Sie wird geladen, sobald das Angefangene fertig ist.',
  silent: 'Der Koordinator antwortet gerade nicht. Versuch es gleich noch einmal.',
  alarm: 'Das öffentliche Protokoll der Credits widerspricht sich.',
  alarmLink: 'Sieh dir an, was gefunden wurde',
  noAnswer: 'Der Koordinator antwortet gerade nicht. Hier steht, was er zuletzt gemeldet hat.',
};

export const networkLine: Words['networkLine'] = {
  silent: 'Der Koordinator antwortet gerade nicht',
  people: (count) =>
    plural(count, {
      one: `${tenths(count)} rechnet mit`,
      other: `${tenths(count)} rechnen mit`,
    }),
  jobs: (count) =>
    plural(count, { one: `${tenths(count)} Auftrag`, other: `${tenths(count)} Aufträge` }),
  rate: (perSecond) => `${tenths(perSecond)} Elemente/s`,
};
