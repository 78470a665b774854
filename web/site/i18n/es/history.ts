/** One's own contribution, the certificate and the leaderboard, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

const items = (number: number): string =>
  `${count(number)} ${plural(number, { one: 'elemento', other: 'elementos' })}`;

export const mine: InnerWords['mine'] = {
  title: 'Lo que has aportado.',
  lead: 'Tu trabajo comprobado y dado por bueno, por horas y por días. Los días empiezan a las 00:00 UTC.',
  none: 'Aún nada. Cuando este navegador haya calculado una parte de un trabajo y se haya comprobado, se suma aquí.',
  begin: 'Empezar a colaborar',
  failed: (why) => `No se ha podido leer tu historial: ${why}`,
  period: 'Periodo',
  periods: { today: 'Hoy', week: '7 días', month: '30 días', all: 'Todo' },
  credits: 'Créditos',
  creditsEver: 'en total',
  items: 'Elementos',
  itemsNote: (shards) =>
    plural(shards, {
      one: `en ${count(shards)} parte de trabajo`,
      other: `en ${count(shards)} partes de trabajo`,
    }),
  average: 'Media reciente',
  averageNote: 'créditos al día; el trabajo de hace una semana cuenta la mitad',
  days: 'Días',
  streak: (days) =>
    plural(days, { one: 'uno seguido ahora', other: `${count(days)} seguidos ahora` }),
  noStreak: 'ninguno seguido ahora',
  refused: 'Rechazado',
  refusedNote: 'partes de trabajo que no ganaron nada',
  whole: 'Todos los dispositivos',
  device: 'Dispositivo',
  devices: 'Dispositivos',
  devicesNote: 'Del periodo elegido arriba.',
  firstDevice: 'Primer dispositivo',
  thisDevice: 'este',
  chart: 'Créditos y elementos a lo largo del tiempo',
  table: 'Lo mismo en una tabla',
  time: 'Hora (UTC)',
  total: (credits, number) => `${credits} créditos por ${items(number)}`,
  point: (time, credits, number) => `${time}: ${credits} créditos, ${items(number)}`,
  hint: 'Señala el gráfico para ver cada valor.',
  certificate: 'Un certificado para imprimir',
  receipts: 'Cada crédito, con su motivo y su prueba',
  board: 'La clasificación',
};

export const badges: InnerWords['badges'] = {
  title: 'Insignias',
  none: 'Aún ninguna: la primera llega con el primer resultado comprobado.',
  names: {
    'first-checked': 'Primer resultado comprobado',
    'items-100': 'Cien elementos',
    'items-1000': 'Mil elementos',
    'items-10000': 'Diez mil elementos',
    'items-100000': 'Cien mil elementos',
    'items-1000000': 'Un millón de elementos',
    'credits-1': 'Primer crédito entero',
    'credits-10': 'Diez créditos',
    'credits-100': 'Cien créditos',
    'credits-1000': 'Mil créditos',
    'credits-10000': 'Diez mil créditos',
    'credits-100000': 'Cien mil créditos',
    'days-3': 'Tres días',
    'days-10': 'Diez días',
    'days-30': 'Treinta días',
    'days-100': 'Cien días',
    'days-365': 'Un año de días',
    'streak-3': 'Tres días seguidos',
    'streak-7': 'Una semana seguida',
    'streak-30': 'Un mes seguido',
    'streak-100': 'Cien días seguidos',
  },
  since: (day) => `desde el ${day}`,
  next: 'Siguientes',
  missing: {
    items: (more) =>
      plural(more, { one: 'falta un elemento', other: `faltan ${count(more)} elementos` }),
    credits: (more) =>
      plural(more, { one: 'falta un crédito', other: `faltan ${count(more)} créditos` }),
    days: (more) => plural(more, { one: 'falta un día', other: `faltan ${count(more)} días` }),
    streak: (more) =>
      plural(more, { one: 'falta un día seguido', other: `faltan ${count(more)} días seguidos` }),
  },
  progress: (name, have, from) => `${name}: ${count(have)} de ${count(from)}`,
};

export const certificate: InnerWords['certificate'] = {
  title: 'Certificado de colaboración',
  lead: 'Imprímelo, o guárdalo como archivo desde el cuadro de impresión de tu navegador.',
  print: 'Imprimir',
  back: 'Volver a mi aportación',
  network: (host) => `Idlewave en ${host}`,
  given: 'Por la presente se certifica que',
  pseudonym: 'una persona voluntaria conocida por el seudónimo',
  did: 'ha dado tiempo de cálculo a la red, y que de los resultados',
  items: 'elementos se comprobaron y se dieron por buenos',
  credits: 'créditos se ganaron con ellos',
  work: (credits) => `Son ${credits} billones de operaciones comprobadas`,
  days: (days, since, until) => `en ${count(days)} días, del ${since} al ${until}`,
  day: (day) => `el ${day}`,
  workWhen: (work, when) => `${work}, ${when}.`,
  checked: 'Comprobado con el registro público',
  entries: (size) =>
    plural(size, {
      one: `Punto de control de ${count(size)} entrada`,
      other: `Punto de control de ${count(size)} entradas`,
    }),
  root: 'Hash raíz',
  signer: 'Firmado por',
  found: (credits) =>
    plural(credits, {
      one: 'Este navegador ha buscado en él un crédito, el último, y está ahí.',
      other: `Este navegador ha buscado en él los últimos ${count(credits)} créditos, y están ahí.`,
    }),
  verify:
    'Cada crédito contado aquí es una entrada de este registro. Cualquiera puede comprobarlo entero:',
  checking: 'Comprobando el registro público…',
  unchecked:
    'Ahora no se ha podido comprobar el registro público, así que este certificado no dice nada de él.',
  alarm:
    'El registro público contradice lo que este navegador vio antes. Con él no se hace ningún certificado.',
  made: (day) => `Hecho el ${day}`,
};

export const leaderboard: InnerWords['leaderboard'] = {
  title: 'Quién ha aportado más.',
  lead: 'Por el crédito del trabajo comprobado, igual en todos los dispositivos. Se renueva cada minuto.',
  time: 'Periodo',
  boards: { day: 'Hoy', week: '7 días', all: 'Siempre' },
  rank: 'Puesto',
  who: 'Quién',
  credits: 'Créditos',
  items: 'Elementos',
  you: 'tú',
  none: 'En este periodo aún no se ha reconocido nada a nadie.',
  notIn: 'No estás en esta lista.',
  more: (rows) => `Mostrar los ${count(rows)}`,
  failed: (why) => `No se ha podido leer la clasificación: ${why}`,
  notReady: 'Se hace en el minuto siguiente al arranque del coordinador.',
  choice: 'Tu lugar en ella',
  choiceText:
    'Sin nombre apareces con un seudónimo, la huella de tu clave. También puedes no aparecer, ni aquí ni en las exportaciones. Tus créditos, y el registro público que los demuestra, se quedan como están.',
  listed: 'Mostrarme en clasificaciones y exportaciones',
  listedNow: 'Apareces desde la próxima ronda, en menos de un minuto.',
  unlistedNow: 'Dejas de aparecer desde la próxima ronda, en menos de un minuto.',
  choiceLater: 'Podrás elegir cuando este navegador haya calculado algo.',
  name: 'Ponte un nombre',
  exports: 'Para tus propias estadísticas',
  exportsText: 'Lo mismo para todo el mundo, hecho una vez por minuto y libre de copiar.',
  contributors: 'Participantes',
  networkDays: 'La red por días',
};
