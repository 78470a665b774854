/** Teams, shares and gifts, in German. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, percent } = figures;

export const community: InnerWords['community'] = {
  teamTitle: 'Dein Team',
  noTeam:
    'Ein Team sammelt, was seine Mitglieder ihm geben möchten. Du bist in keinem und brauchst keines. Wer in einem Team ist, können alle sehen.',
  pick: 'Team',
  pickNone: 'Team auswählen',
  code: 'Einladungscode (vom Gründer des Teams)',
  joinDo: 'Beitreten',
  noTeams: 'Hier gibt es noch keine Teams.',
  found: 'Team gründen',
  foundNeeds: 'Du kannst eines gründen, sobald Arbeit von dir als richtig befunden wurde.',
  name: 'Name des Teams (für alle lesbar)',
  rule: 'Wer beitreten darf',
  ruleOpen: 'Alle',
  ruleCode: 'Wer meinen Einladungscode hat',
  most: 'Höchstens so viele Mitglieder',
  foundDo: 'Team gründen',
  leave: 'Team verlassen',
  share: 'Anteil deines Verdienstes für das Team',
  shareNote: 'Ganze Prozent, von Arbeit, die du ab jetzt bekommst. 0 gibt nichts.',
  shareDo: 'Anteil speichern',
  shareDone: 'Gespeichert. Das gilt für Arbeit, die du ab jetzt bekommst.',
  founder: 'Du hast es gegründet',
  rulesDo: 'Regeln speichern',
  newCode: 'Neuen Code erzeugen',
  handOver: (who) => `An ${who} übergeben`,
  handOverDo: 'Übergeben',
  remove: 'Entfernen',
  removeWho: (who) => `${who} entfernen`,
  dissolve: 'Team auflösen …',
  dissolveDo: 'Endgültig auflösen',
  dissolveNote: 'Das Team endet für alle Mitglieder. Was es noch hat, geht an dich.',
  keep: 'Behalten',
  giveTitle: 'Credits verschenken',
  giveNote:
    'Nur endgültige Credits lassen sich verschenken. Sie sind sofort weg, und nur wer sie bekommen hat, kann sie zurückgeben.',
  giveFrom: 'Von',
  giveOwn: 'Dein Konto',
  giveTeam: 'Konto deines Teams',
  giveTo: 'An',
  giveToNote: 'Eine Person (c_…), ein Team (team_…) oder der Schlüssel eines Auftraggebers (key_…)',
  giveToWrong:
    'An: eine Person (c_…), ein Team (team_…) oder den Schlüssel eines Auftraggebers (key_…).',
  giveAmount: 'Credits',
  giveAmountWrong: (least, most) => `Credits: ${least} – ${most}.`,
  giveDo: 'Verschenken',
  giveConfirm: 'Wirklich verschenken',
  given: (credits, to) => `${credits} Credits gingen an ${to}.`,
  siteTitle: 'Die Website, von der du kommst',
  siteUnknown:
    'Der Link, dem du gefolgt bist, nennt eine Website, die hier nicht eingetragen ist. Mit ihr wird nichts geteilt.',
  siteAsks: (name, share) =>
    `${name} bittet um ${percent(share / 100)} von dem, was du hier verdienst. Bevor du zustimmst, wird nichts geteilt; du kannst weniger, mehr oder 0 wählen.`,
  siteDo: 'Anteil speichern',
  siteShare: 'Anteil deines Verdienstes, solange du von dort kommst',
  teamLine: (name, members, most) => `${name}, ${count(members)} von ${count(most)} Mitgliedern`,
  teamLineByCode: (name, members, most) =>
    `${name}, ${count(members)} von ${count(most)} Mitgliedern, mit Einladungscode`,
  teamState: (members, most, credits) =>
    `${count(members)} von ${count(most)} Mitgliedern. Das Team hat ${credits} Credits.`,
};
