/** Teams, shares and gifts, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, percent } = figures;

export const community: InnerWords['community'] = {
  teamTitle: 'Tu equipo',
  noTeam:
    'Un equipo reúne lo que sus miembros quieren darle. No estás en ninguno, ni te hace falta. Cualquiera puede ver quién está en un equipo.',
  pick: 'Equipo',
  pickNone: 'Elige un equipo',
  code: 'Código de invitación (de quien lo fundó)',
  joinDo: 'Unirse',
  noTeams: 'Aquí aún no hay equipos.',
  found: 'Fundar un equipo',
  foundNeeds: 'Puedes fundar uno cuando algo de tu trabajo se haya dado por bueno.',
  name: 'Nombre del equipo (puede leerlo cualquiera)',
  rule: 'Quién puede unirse',
  ruleOpen: 'Cualquiera',
  ruleCode: 'Quien tenga mi código de invitación',
  most: 'Miembros como máximo',
  foundDo: 'Fundar el equipo',
  leave: 'Dejar el equipo',
  share: 'De lo que ganas, para el equipo',
  shareNote: 'Porcentajes enteros, del trabajo que recibas desde ahora. Con 0 no das nada.',
  shareDo: 'Guardar parte',
  shareDone: 'Guardado. Vale para el trabajo que recibas desde ahora.',
  founder: 'Lo has fundado tú',
  rulesDo: 'Guardar reglas',
  newCode: 'Crear un código nuevo',
  handOver: (who) => `Traspasarlo a ${who}`,
  handOverDo: 'Traspasar',
  remove: 'Quitar',
  removeWho: (who) => `Quitar a ${who}`,
  dissolve: 'Disolver el equipo…',
  dissolveDo: 'Disolverlo para siempre',
  dissolveNote: 'El equipo se acaba para todos sus miembros. Lo que le quede va a ti.',
  keep: 'Conservarlo',
  giveTitle: 'Regalar créditos',
  giveNote:
    'Solo se puede regalar crédito definitivo. Se va al momento, y solo quien lo recibe puede devolverlo.',
  giveFrom: 'De',
  giveOwn: 'Tu cuenta',
  giveTeam: 'La cuenta de tu equipo',
  giveTo: 'Para',
  giveToNote:
    'Una persona voluntaria (c_…), un equipo (team_…) o la clave de quien publica trabajos (key_…)',
  giveToWrong:
    'Para: una persona voluntaria (c_…), un equipo (team_…) o la clave de quien publica trabajos (key_…).',
  giveAmount: 'Créditos',
  giveAmountWrong: (least, most) => `Créditos: ${least} – ${most}.`,
  giveDo: 'Regalar',
  giveConfirm: 'Regalar de verdad',
  given: (credits, to) => `Se han regalado ${credits} créditos a ${to}.`,
  siteTitle: 'El sitio del que vienes',
  siteUnknown:
    'El enlace que has seguido nombra un sitio que no está registrado aquí. No se comparte nada con él.',
  siteAsks: (name, share) =>
    `${name} pide el ${percent(share / 100)} de lo que ganes aquí. No se comparte nada antes de que aceptes; puedes elegir menos, más o 0.`,
  siteDo: 'Guardar parte',
  siteShare: 'De lo que ganas mientras vienes de allí',
  teamLine: (name, members, most) => `${name}, ${count(members)} de ${count(most)} miembros`,
  teamLineByCode: (name, members, most) =>
    `${name}, ${count(members)} de ${count(most)} miembros, con código de invitación`,
  teamState: (members, most, credits) =>
    `${count(members)} de ${count(most)} miembros. El equipo tiene ${credits} créditos.`,
};
