/** Credited and refused work, proofs and alarms, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

const items = (number: number): string =>
  `${count(number)} ${plural(number, { one: 'elemento', other: 'elementos' })}`;

/** With a participle that agrees: `48 elementos aceptados`. */
const itemsThat = (number: number, one: string, other: string): string =>
  `${items(number)} ${plural(number, { one, other })}`;

const volunteers = (number: number): string =>
  plural(number, {
    one: `Lo calculó ${count(number)} persona`,
    other: `Lo calcularon ${count(number)} personas`,
  });

export const receipts: InnerWords['receipts'] = {
  own: 'Tus créditos, y cómo comprobarlos',
  other: 'Créditos de otra persona',
  ownBefore: 'Eres',
  otherBefore: 'Esto es de',
  balanceBefore: ', con',
  balanceAfter: 'créditos ganados',
  whoAfter: '. Cada línea de abajo es pública, para que cualquiera pueda seguirla.',
  showMine: 'Mostrar los míos',
  log: 'Registro público.',
  check: 'Comprobar ahora',
  newer: 'Mostrar trabajo más reciente',
  older: 'Mostrar trabajo más antiguo',
  none: 'Aún nada. Cuando esta pestaña haya calculado una parte de un trabajo y se haya comprobado, aparecerá aquí, con lo que fue de ella y por qué.',
  noneOfOther: 'A esta persona aún no se le ha reconocido ni rechazado nada.',
  lookAgain: 'Volver a mirar',
  offline: 'No se llega al coordinador, así que esta lista puede ser antigua o faltar.',
  amount: (credits) => `+${credits} créditos`,
  noAmount: 'sin crédito',
  accepted: (number) => itemsThat(number, 'aceptado', 'aceptados'),
  refused: {
    disagree: (number) =>
      `${itemsThat(number, 'rechazado', 'rechazados')}: el resultado era incorrecto`,
    inconclusive: (number) =>
      `${itemsThat(number, 'no contado', 'no contados')}, ni a favor ni en contra de esta persona`,
    late: (number) => itemsThat(number, 'no comunicado a tiempo', 'no comunicados a tiempo'),
    unopened: (number) => itemsThat(number, 'nunca entregado', 'nunca entregados'),
    malformed: (number) =>
      `${itemsThat(number, 'rechazado', 'rechazados')}: el informe estaba mal formado`,
    engine: (number) =>
      `${itemsThat(number, 'no calculado', 'no calculados')}: falló el motor de cálculo`,
  },
  what: 'Qué se calculó',
  items,
  itemsOf: (number, job) => `${items(number)} de «${job}»`,
  withStage: (work, stage) => `${work}, etapa ${stage} de su modelo`,
  withProbes: (work, probes) => `${work}, y ${count(probes)} más para comprobar a otros`,
  shard: 'Fragmento',
  assignment: ', asignación',
  became: 'Qué fue de ello',
  finalCredit: 'Definitivo. El crédito solo se anota cuando ya no se puede retirar.',
  finalRefusal:
    'Definitivo. El trabajo rechazado no gana nada; por un rechazo no se expulsa a nadie.',
  amountTitle: 'De dónde sale la cantidad',
  sharesTitle: 'Adónde fue',
  checksTitle: 'Cómo se comprobó',
  logTitle: 'En el registro público',
  shardForgotten: 'El coordinador ya no conoce este fragmento.',
  unreachable: 'No se llega al coordinador.',
  open: 'Otros lo están calculando. Cómo se comprobó se muestra cuando su resultado es definitivo.',
  noResult: 'No tiene resultado:',
  you: 'Tú',
  thisVolunteer: 'Esta persona',
  stage: (stage) => `, etapa ${stage}`,
  verdicts: {
    agree: 'aceptado',
    unchecked: 'aceptado sin comprobar, como quería quien lo publicó',
    disagree: 'rechazado',
    inconclusive: 'no contado',
  },
  verdict: (verdict) => `: ${verdict}`,
  verdictCredits: (credits) => `, +${credits} créditos`,
  by: {
    nobody: 'Lo calculó una persona; quien lo publicó no pidió comprobación.',
    quorum: (number) => `${volunteers(number)}; decidió la coincidencia.`,
    referee: (number) => `${volunteers(number)}; decidió el árbitro del coordinador.`,
    check: (number) => `${volunteers(number)}; decidió una comprobación.`,
  },
  noEntry:
    'El registro tiene lo que se reconoció. El trabajo que no ganó nada no tiene entrada propia.',
  entry: (index) => `Entrada ${index}`,
  thisCredit: 'Este crédito',
  shardResult: 'El resultado del fragmento',
  asIs: 'La entrada tal como está en el registro',
  bundle: 'Su paquete',
  checkpoint: 'El punto de control más reciente',
  proving: (name) => `${name}: demostrando …`,
  prove: (name) => `${name} del registro público: demostrar`,
  factors: {
    own: (work, number, rate, quality) =>
      `${work} créditos por el trabajo de ${items(number)}, lo mismo en cualquier dispositivo × ${rate} (lo que ofrece quien lo publica) × ${quality} (calidad: se aceptó).`,
    checks: (checks, probes, uptime) =>
      `Más ${checks} créditos por ${count(probes)} más para comprobar a otros × ${uptime} (cuánto de tu trabajo vuelve a tiempo).`,
  },
  toTeam: (credits, team) => `${credits} créditos para el equipo ${team}.`,
  toSite: (credits, site) => `${credits} créditos para el sitio ${site}.`,
  kept: (credits) => `${credits} créditos para ti.`,
};

export const publicLog: InnerWords['publicLog'] = {
  proven: (index, size, signer) =>
    `Demostrado: entrada ${count(index)} de ${count(size)}, punto de control firmado por ${signer}.`,
  unnumbered: 'Se concedió antes de que el registro público guardara esas entradas.',
  notYet: 'Aún no está en el registro: se publica en menos de un segundo. Vuelve a mirar.',
  behind:
    'El registro que se sirve va por detrás de lo que este navegador ha visto. Nada lo contradice.',
  unprovenUnreachable:
    'Sin demostrar: no se llega al registro. Eso no dice nada en contra de la entrada.',
  unprovenWithheld:
    'Sin demostrar: el coordinador no sirve una parte del registro que la demostración necesita.',
  unprovenAlarm: (title) => `Sin demostrar. ${title}.`,
  unchecked: 'Aún no se ha mirado el registro público.',
  checking: 'Mirando el registro público…',
  size: (entries, signer) =>
    plural(entries, {
      one: `${count(entries)} entrada, firmada por ${signer}.`,
      other: `${count(entries)} entradas, firmadas por ${signer}.`,
    }),
  firstSeen: 'Este navegador lo ve ahora por primera vez.',
  goesOn: (before) =>
    plural(before, {
      one: 'Continúa la entrada que este navegador ya había visto.',
      other: `Continúa las ${count(before)} que este navegador ya había visto.`,
    }),
  found: (credits) =>
    plural(credits, {
      one: 'Se ha encontrado en él uno de tus créditos, tal como se dijo.',
      other: `Se han encontrado en él ${count(credits)} de tus créditos, tal como se dijo.`,
    }),
  forgets: 'Este navegador no guarda nada: la próxima visita no podrá comparar.',
  unreachable: 'No se llega ahora mismo al registro público. Eso no dice nada en su contra.',
  withheld:
    'El coordinador no sirve una parte de su registro público, así que no se ha podido demostrar nada.',
  pending: 'El último crédito está a punto de publicarse.',
  alarm: (title) => `${title}.`,
  alarms: {
    key: 'El registro público tiene otra clave',
    signature: 'El punto de control del registro público no está firmado con su clave',
    fork: 'El registro público tiene dos historias',
    rollback: 'El registro público se ha recortado',
    tile: 'Se han manipulado los hashes del registro público',
    'entry-rewritten': 'Se ha reescrito una entrada del registro público',
    'entry-dropped': 'Se ha eliminado una entrada del registro público',
    'entry-differs': 'El coordinador y el registro público dicen cosas distintas',
    'entry-missing': 'Falta un crédito en el registro público',
  },
  means:
    'Ha cambiado una historia que era pública, o lo que te cuentan de ella no es cierto. Puede ser un error de quien opera el coordinador, como una copia de seguridad restaurada. Guarda las pruebas, pregunta a quien lo opera y compara con otros: cualquiera puede comprobar el registro entero con una sola orden.',
  foundAt: (time) => `Encontrado el ${time}:`,
  evidence: 'Las pruebas',
  copy: 'Copiar las pruebas',
  copied: 'Copiado',
  download: 'Descargarlas',
  accept: 'Tomar el registro como está ahora…',
  acceptSure: 'Sí, olvidar lo que se vio antes',
  keepAlarm: 'No, mantener la alarma',
};
