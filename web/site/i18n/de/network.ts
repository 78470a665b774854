/** The network and its open jobs, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural, short } = figures;

export const network: InnerWords['network'] = {
  title: 'Ein Computer aus offenen Tabs.',
  lead: 'Wer in diesem Augenblick mitrechnet, wie schnell, und was es kostet zu wissen, dass die Ergebnisse stimmen.',
  people: 'Personen, die mitrechnen',
  tabs: (tabs) => plural(tabs, { one: 'in einem Tab', other: `in ${count(tabs)} Tabs` }),
  rate: 'Elemente pro Sekunde',
  rateNote: 'geprüft, in der letzten Minute',
  rateOver: (minutes) =>
    plural(minutes, {
      one: 'Elemente pro Sekunde in der letzten Minute',
      other: `Elemente pro Sekunde in den letzten ${count(minutes)} Minuten`,
    }),
  jobs: 'Offene Aufträge',
  jobsLink: 'Ansehen, welche das sind',
  checking: 'Kosten der Prüfung',
  checkingNote:
    'Rechnungen über die eine für jedes angenommene Element hinaus, bei den offenen Aufträgen',
  checkingNone: 'noch ist kein Ergebnis eines offenen Auftrags angenommen',
  devices: 'Womit gerechnet wird',
  devicesNote:
    'So, wie Browser sich beschreiben. Sonst ist von einem Gerät nichts bekannt, außer seinem Teil der Welt, wo es gesagt wird.',
  devicesNone: 'Gerade rechnet niemand. Du könntest die erste Person sein.',
  regions: 'Wo',
  regionsNote: 'Von denen, die es sagen wollten, nach der Zeitzone ihrer Uhr.',
  regionNames: {
    africa: 'Afrika',
    america: 'Amerika',
    antarctica: 'Antarktis',
    arctic: 'Arktis',
    asia: 'Asien',
    atlantic: 'Inseln im Atlantik',
    australia: 'Australien',
    europe: 'Europa',
    indian: 'Inseln im Indischen Ozean',
    pacific: 'Inseln im Pazifik',
  },
  wasm: 'Prozessor (WebAssembly)',
  log: 'Jedes abgeschlossene Arbeitspaket und jede Gutschrift steht in einem öffentlichen Protokoll, das niemand unbemerkt umschreiben kann.',
  logLink: 'Seinen neuesten Prüfpunkt herunterladen',
};

export const jobs: InnerWords['jobs'] = {
  title: 'Was gerade gerechnet wird.',
  lead: 'Jeder Auftrag, an dem Tabs jetzt arbeiten, mit dem Namen, den der Auftraggeber ihm gab. Ein Tab bekommt Pakete von denen, die er rechnen kann.',
  none: 'Gerade ist kein Auftrag offen. Ein Tab, der wartet, bekommt den nächsten, sobald er eingestellt wird.',
  paused: 'Der Auftraggeber hat ihn angehalten.',
  more: (more) => `und ${count(more)} weitere`,
  kernel: (name) => `Kernel ${name} aus dem Katalog`,
  authored: (name, size) =>
    `Ein eigenes GPU-Programm des Auftraggebers, ${name}…, ${size} herunterzuladen`,
  model: (name, size) => `Modell ${name}…, ${size} herunterzuladen`,
  stages: (stages, size) => `Ein Modell in ${stages} Stufen über mehrere Tabs, zusammen ${size}`,
  progress: (done, total) => `${count(done)} von ${count(total)} Elementen angenommen`,
  author: 'Eingestellt von',
  checked: 'Wie geprüft wird',
  policies: {
    quorum: 'Mehrere Tabs rechnen jedes Element, und ihre Ergebnisse werden verglichen.',
    sampled:
      'Geheime Stichproben der Arbeit aller Mitrechnenden werden mit der von anderen verglichen und nachgerechnet.',
    algebraic:
      'Jedes Ergebnis wird mit einem Beweis geprüft, der billiger ist als die Rechnung selbst.',
    stages: 'Geheime Stichproben jeder Stufe werden nachgerechnet.',
  },
  wrong: (reports) =>
    plural(reports, {
      one: 'Bisher wurde eine falsche Meldung gefunden.',
      other: `Bisher wurden ${count(reports)} falsche Meldungen gefunden.`,
    }),
  work: 'Arbeit je Element',
  flops: (operations) => `${short(operations)} Operationen`,
};
