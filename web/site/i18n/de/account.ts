/** The account of this browser's key, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const account: InnerWords['account'] = {
  asking: 'Der Koordinator wird gefragt …',
  again: 'Noch einmal versuchen',
  retired:
    'Dieser Browser wurde aus seinem Konto entfernt, oder das Konto wurde gelöscht. Sein Schlüssel führt nirgendwo mehr hin.',
  beginAnew: 'Neu anfangen',
  credits: (credits) => `${credits} Credits`,
  earned: 'verdient',
  toGive: (credits) => `${credits} davon kannst du verschenken`,
  keyHere:
    'Der Schlüssel zu diesem Konto liegt im Speicher dieses Browsers und nirgends sonst. Wenn du die Daten dieser Website löschst oder ein privates Fenster benutzt, ist er verloren.',
  persistent: 'Der Browser hat versprochen, ihn nicht von selbst zu löschen.',
  notPersistent: 'Auch der Browser kann ihn von selbst löschen, wenn der Platz knapp wird.',
  phraseBringsBack: 'Deine Wiederherstellungswörter bringen das Konto zurück.',
  devicesLeadBack: 'Deine anderen Geräte führen dann immer noch zum Konto.',
  nothingLeadsBack:
    'Dann kann niemand das Konto zurückbringen, außer du verbindest ein weiteres Gerät oder schreibst Wiederherstellungswörter auf.',
  name: {
    label: 'Name in der Bestenliste',
    note: '(freiwillig, für alle lesbar)',
    save: 'Namen speichern',
    wrong:
      'So kann ein Name nicht lauten: Erlaubt sind Buchstaben, Ziffern und Zeichen, mit einzelnen Leerzeichen dazwischen.',
    none: 'Du wirst ohne Namen angezeigt.',
    saved: 'Gespeichert.',
  },
  devices: {
    title: 'Geräte',
    this: 'dieser Browser',
    since: (day) => `seit ${day}`,
    remove: 'Entfernen',
    reallyRemove: 'Wirklich entfernen',
    removeOne: (name) => `${name} entfernen`,
    reallyRemoveOne: (name) => `${name} wirklich entfernen`,
    removed: (name) => `${name} wurde entfernt.`,
  },
  systems: {
    android: 'Android-Handy oder -Tablet',
    ios: 'iPhone oder iPad',
    mac: 'Mac',
    windows: 'Windows-Rechner',
    chromebook: 'Chromebook',
    linux: 'Linux-Rechner',
    other: 'Browser',
  },
  link: {
    title: 'Weiteres Gerät verbinden',
    lead: 'Mehrere Geräte können für ein Konto arbeiten. Was das andere schon allein verdient hat, kommt mit.',
    show: 'Code anzeigen',
    openBefore: 'Öffne auf dem anderen Gerät',
    openAfter: ', dort „Dein Konto“, und gib diesen Code ein. Oder richte die Kamera auf das Bild.',
    picture: 'Derselbe Code als QR-Code',
    goodFor: (minutes) =>
      `Gilt für ein Gerät, ${plural(minutes, { one: 'eine Minute lang', other: `${count(minutes)} Minuten lang` })}. Wer ihn hat, kann deinem Konto beitreten: Zeig ihn sonst niemandem.`,
    done: 'Fertig',
  },
  phrase: {
    title: 'Wiederherstellungswörter',
    has: 'Du hast welche. Neue ersetzen sie.',
    lead: 'Zwölf Wörter auf Papier bringen das Konto zurück, wenn alle deine Geräte weg sind. Du brauchst sie nicht unbedingt.',
    make: 'Wiederherstellungswörter erzeugen',
    makeNew: 'Neue Wörter erzeugen',
    write:
      'Schreib diese Wörter auf, in dieser Reihenfolge. Sie sind in diesem Browser entstanden und werden nur jetzt gezeigt. Wer sie hat, hat das Konto.',
    written: 'Ich habe sie aufgeschrieben',
    notNow: 'Nicht jetzt',
    done: 'Von jetzt an bringen diese Wörter das Konto zurück.',
  },
  join: {
    title: 'Ich habe schon ein Konto',
    lead: 'Dieser Browser tritt ihm bei, und was er allein verdient hat, kommt mit.',
    code: 'Code, den dein anderes Gerät zeigt',
    byCode: 'Mit Code beitreten',
    wrongCode: 'Ein Code hat acht Buchstaben und Ziffern, zum Beispiel ABCD-1234.',
    joined: 'Dieser Browser gehört jetzt zum Konto.',
    phrase: 'Oder deine zwölf Wiederherstellungswörter',
    byPhrase: 'Mit Wörtern wiederherstellen',
    restored: 'Das Konto ist wieder da.',
  },
  delete: {
    title: 'Konto löschen',
    what: 'Dein Name, die Namen deiner Geräte und alle Schlüssel verschwinden, auf jedem Gerät, und niemand kann das Konto zurückbringen. Was gerechnet und gutgeschrieben wurde, bleibt im öffentlichen Buch unter einer Nummer, die zu niemandem führt.',
    sure: 'Endgültig löschen',
    keep: 'Behalten',
    ask: 'Konto löschen …',
    done: 'Gelöscht.',
  },
};
