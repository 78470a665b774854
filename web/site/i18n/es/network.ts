/** The network and its open jobs, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural, short } = figures;

export const network: InnerWords['network'] = {
  title: 'Un ordenador hecho de pestañas abiertas.',
  lead: 'Quién calcula contigo en este momento, a qué velocidad, y qué cuesta saber que los resultados son correctos.',
  people: 'Personas calculando',
  tabs: (tabs) => plural(tabs, { one: 'en una pestaña', other: `en ${count(tabs)} pestañas` }),
  rate: 'Elementos por segundo',
  rateNote: 'comprobados, en el último minuto',
  rateOver: (minutes) =>
    plural(minutes, {
      one: 'Elementos por segundo en el último minuto',
      other: `Elementos por segundo en los últimos ${count(minutes)} minutos`,
    }),
  jobs: 'Trabajos abiertos',
  jobsLink: 'Ver cuáles son',
  checking: 'Coste de comprobar',
  checkingNote: 'ejecuciones además de una por cada elemento aceptado, en los trabajos abiertos',
  checkingNone: 'aún no se ha aceptado ningún resultado de un trabajo abierto',
  devices: 'Con qué se calcula',
  devicesNote:
    'Como se describen los navegadores. De un dispositivo no se sabe nada más, salvo su parte del mundo cuando alguien quiere decirla.',
  devicesNone: 'Ahora mismo no calcula nadie. Podrías ser la primera persona.',
  regions: 'Dónde',
  regionsNote: 'De quienes quisieron decirlo, según la zona horaria de su reloj.',
  regionNames: {
    africa: 'África',
    america: 'América',
    antarctica: 'La Antártida',
    arctic: 'El Ártico',
    asia: 'Asia',
    atlantic: 'Islas del Atlántico',
    australia: 'Australia',
    europe: 'Europa',
    indian: 'Islas del Índico',
    pacific: 'Islas del Pacífico',
  },
  wasm: 'Procesador (WebAssembly)',
  log: 'Cada parte de trabajo terminada y cada crédito están en un registro público que nadie puede reescribir sin que se note.',
  logLink: 'Descargar su punto de control más reciente',
};

export const jobs: InnerWords['jobs'] = {
  title: 'Qué se está calculando.',
  lead: 'Todos los trabajos en los que hay pestañas ahora, con el nombre que les dio quien los publicó. Una pestaña recibe partes de los que puede ejecutar.',
  none: 'Ahora mismo no hay ningún trabajo abierto. Una pestaña que espera recibe el siguiente en cuanto se publica.',
  paused: 'Su autor lo tiene en pausa.',
  more: (more) => `y ${count(more)} más`,
  kernel: (name) => `Kernel ${name} del catálogo`,
  authored: (name, size) => `Un programa de GPU propio del autor, ${name}…, ${size} por descargar`,
  model: (name, size) => `Modelo ${name}…, ${size} por descargar`,
  stages: (stages, size) => `Un modelo en ${stages} etapas en varias pestañas, ${size} en total`,
  progress: (done, total) => `${count(done)} de ${count(total)} elementos aceptados`,
  author: 'Publicado por',
  checked: 'Cómo se comprueba',
  policies: {
    quorum: 'Varias pestañas calculan cada elemento, y se comparan sus resultados.',
    sampled:
      'Muestras secretas del trabajo de cada participante se comparan con las de otros y se vuelven a calcular.',
    algebraic: 'Cada resultado se comprueba con una prueba más barata que calcularlo.',
    stages: 'Se vuelven a calcular muestras secretas de cada etapa.',
  },
  wrong: (reports) =>
    plural(reports, {
      one: 'Hasta ahora se ha encontrado un informe incorrecto.',
      other: `Hasta ahora se han encontrado ${count(reports)} informes incorrectos.`,
    }),
  work: 'Trabajo por elemento',
  flops: (operations) => `${short(operations)} operaciones`,
};
