/** The page of site owners, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const sites: InnerWords['sites'] = {
  title: 'Lass deine Leserinnen und Leser mithelfen.',
  lead: 'Ein Tag auf deiner Seite bittet Besucher um einen freien Tab. Er rechnet erst nach ihrem Klick, sagt, dass es für dich ist, und gibt dir den Anteil, dem jeder von ihnen zustimmt.',
  open: 'Meine Websites zeigen',
  none: 'Dieser Schlüssel hat noch keine Website.',
  choose: 'Website',
  another: 'Weitere anmelden',
  addTitle: 'Website anmelden',
  changeTitle: 'Was sie ist',
  name: 'Name',
  nameNote: 'So lesen ihn Besucher: „Hilf … mit einem freien Tab“.',
  origins: 'Wo das Widget gezeigt werden darf',
  originsNote:
    'Eine Adresse je Zeile, etwa https://example.org, ohne Pfad. Anderswo rechnet es nichts. Seiten, die deine Seite einrahmen, müssen auch hier stehen.',
  share: 'Anteil, um den du bittest, in Prozent',
  shareNote: 'Besucher sehen ihn, bevor sie beginnen, und können weniger oder mehr geben.',
  add: 'Anmelden',
  save: 'Speichern',
  saved: 'Gespeichert. Der nächste Besucher bekommt es so.',
  added: 'Angemeldet.',
  wrongOrigin: (line) => `„${line}“ ist keine Adresse wie https://example.org`,
  preview: 'So sieht es aus',
  previewNote: 'Das ist das Widget selbst: Wenn du es startest, rechnet es.',
  size: 'Größe',
  sizes: { badge: 'Plakette', small: 'Klein', medium: 'Mittel', large: 'Groß' },
  theme: 'Farben',
  themes: { auto: 'Wie die Seite', light: 'Hell', dark: 'Dunkel' },
  tag: 'Das Tag zum Einfügen',
  tags: { html: 'HTML', react: 'React', svelte: 'Svelte', wordpress: 'WordPress' },
  copy: 'Kopieren',
  copied: 'Kopiert.',
  notCopied: 'Dein Browser hat es nicht erlaubt. Markiere den Text und kopiere ihn selbst.',
  statistics: 'Was Besucher geteilt haben',
  balance: 'Credits der Website jetzt',
  lately: (days) =>
    plural(days, {
      one: 'Credits am letzten Tag',
      other: `Credits der letzten ${count(days)} Tage`,
    }),
  times: 'Mal geteilt',
  noDays: 'Noch wurde nichts geteilt.',
  chart: 'Credits am Tag (UTC)',
  table: 'Dasselbe als Tabelle',
  day: 'Tag (UTC)',
  credits: 'Credits',
  remove: 'Diese Website entfernen',
  removeSure: 'Endgültig entfernen',
  removed: 'Entfernt.',
};
