/** Choosing work, seeing it, and what a device is ready for, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const wishes: InnerWords['wishes'] = {
  title: 'Qué calcula',
  kind: {
    label: 'Tipos de trabajo',
    help: 'Lo que esta pestaña puede recibir, a partir de la próxima parte.',
  },
  kinds: {
    any: 'Modelos y kernels',
    model: 'Solo modelos (ONNX: imágenes, texto, números)',
    kernel: 'Solo kernels (matemáticas del catálogo)',
  },
  rate: {
    label: 'Al menos este crédito por el trabajo',
    help: 'Porcentaje del precio de lista. Se puede ofrecer desde 50; lo normal es 100. Por encima de 100 quizá no haya nada que hacer.',
  },
  authorsNot: 'Autores que has dejado fuera',
  authorsOnly: 'Solo estos autores',
  jobsNot: 'Trabajos que has dejado fuera',
  jobsOnly: 'Solo estos trabajos',
  takeBack: (label) => `Deshacer: ${label}`,
  takeBackShort: 'Deshacer',
  where: 'Los trabajos y autores se eligen uno a uno en la página',
  against: {
    kind: 'Tu pestaña no recibe esto: elegiste el otro tipo de trabajo.',
    job: 'Tu pestaña no recibe esto: dejaste fuera el trabajo, o elegiste solo otros.',
    author: 'Tu pestaña no recibe esto: dejaste fuera a quien lo publica, o elegiste solo a otros.',
    rate: 'Tu pestaña no recibe esto: ofrece menos de lo que pides.',
  },
  thisJob: 'Este trabajo',
  thisAuthor: 'Este autor',
  not: 'No es para mí',
  only: 'Solo esto',
  full: (most) => `Ya has elegido ${count(most)}: deshaz alguno en «Cómo trabaja esta pestaña».`,
  rateOf: (percent) => `${percent} % del precio de lista`,
  pays: 'Crédito por el trabajo',
};

export const seeing: InnerWords['seeing'] = {
  title: 'Qué calcula ahora',
  job: 'Trabajo',
  author: 'Para',
  nothing: 'En este momento no hay nada en marcha.',
  choose: '¿No es para ti? Elige en la página',
  rate: 'Elementos por segundo',
  rateLately: 'Elementos por segundo en los dos últimos minutos',
  duty: 'Parte del tiempo trabajando',
  dutyLately: 'Parte del tiempo trabajando en los dos últimos minutos, en porcentaje',
  notYet: 'aún sin medir',
  credit: 'Crédito de esta sesión',
  waiting: 'Aún sin decidir',
  about: (credits) => `unos ${credits}`,
  final: 'Acreditado',
  pieces: (pieces) =>
    plural(pieces, { one: 'una parte de trabajo', other: `${count(pieces)} partes de trabajo` }),
  refused: (pieces) =>
    plural(pieces, {
      one: 'Una parte no se aceptó.',
      other: `${count(pieces)} partes no se aceptaron.`,
    }),
  refusedLink: 'Ver por qué',
  picture: 'Uno de los elementos calculados aquí',
  captions: {
    digit: (digit) =>
      `Leído como ${count(digit)}. Las barras comparan las diez salidas del modelo, de 0 a 9.`,
    class: (outputs, output) =>
      `Lo que entró. De sus ${count(outputs)} salidas, la número ${count(output)} es la mayor.`,
    noFaces: 'No se ha encontrado ninguna cara en esta imagen.',
    faces: (faces) =>
      plural(faces, {
        one: 'Se ha encontrado una cara en esta imagen.',
        other: `Se han encontrado ${count(faces)} caras en esta imagen.`,
      }),
    volume: (dimensions, estimate, exact) =>
      `Volumen de una bola en ${count(dimensions)} dimensiones: ${estimate} según los puntos al azar de este elemento, ${exact} en realidad.`,
    bodies: (bodies, steps) =>
      `${count(bodies)} cuerpos que se atraen entre sí, ${count(steps)} pasos después. Las líneas muestran de dónde viene cada uno.`,
  },
};

export const session: InnerWords['session'] = {
  title: 'Esta sesión',
  time: 'Tiempo de trabajo',
  items: 'Elementos calculados',
  credits: 'Créditos',
  undecided: (credits) => `y unos ${credits} aún sin decidir`,
  decided: 'nada de ello está pendiente',
  forWhom: 'Para quién',
  of: (items) => plural(items, { one: 'un elemento', other: `${count(items)} elementos` }),
  more: (jobs) => plural(jobs, { one: 'y un trabajo más', other: `y ${count(jobs)} trabajos más` }),
  all: 'Cada línea está en',
  share: 'Compartir una imagen de esto',
  saved: 'La imagen se ha guardado.',
  failed: 'Este navegador no ha podido hacer la imagen.',
  cardTitle: 'Presté una pestaña del navegador a un ordenador compartido.',
  cardItems: (items) =>
    plural(items, { one: 'un elemento calculado', other: `${count(items)} elementos calculados` }),
  cardTime: (time) => `en ${time}`,
  cardCredits: (credits) => `${credits} créditos por lo aceptado`,
  cardFor: (names) => `para ${names}`,
};

export const ready: InnerWords['ready'] = {
  title: '¿Listo para trabajar?',
  lead: 'Qué puede ejecutar este dispositivo, qué trabajos abiertos le van bien y cómo llevar tus ajustes a otro. Mirar no calcula nada.',
  looking: 'Mirando este dispositivo …',
  noWorker: 'Este navegador no puede iniciar lo que calcula:',
  device: 'Este dispositivo',
  adapter: 'Gráficos',
  engines: 'Motores',
  memory: 'Memoria para una parte de trabajo',
  memoryNote:
    'Una estimación: los navegadores no dicen cuánta hay libre. Si pusiste un límite, cuenta el tuyo.',
  cores: 'Núcleos del procesador',
  simd: 'WebAssembly con SIMD (vectores)',
  threads: 'WebAssembly con hilos',
  threadsNo: 'no: necesitan una página aislada de las demás, y esta no lo está',
  storage: 'Espacio para modelos',
  storageOf: (used, quota) => `${used} de un máximo de ${quota}, usados por este sitio`,
  webRtc: 'Enlaces con otras pestañas (WebRTC)',
  yes: 'sí',
  no: 'no',
  notTold: 'este navegador no lo dice',
  noGpu: 'ningún adaptador que una página pueda usar',
  features: 'Funciones y límites de la tarjeta gráfica',
  measure: 'Medir unos segundos',
  measuring: 'Midiendo …',
  measured: (gigaflops, engine) =>
    `${gigaflops} mil millones de operaciones por segundo (${engine}).`,
  measureNote:
    'Un kernel pequeño, calculado solo para ti. Si esta pestaña calcula ahora para otros, ambas cosas van más lentas.',
  measureFailed: 'No se ha podido medir:',
  jobs: 'Trabajos abiertos',
  jobsNote:
    'Según las reglas con las que el coordinador reparte el trabajo. Además mira quién puede comprobar a quién.',
  noJobs: 'Ahora mismo no hay ningún trabajo abierto.',
  fits: 'Le va bien a este dispositivo',
  misfits: {
    'no-engine': 'El dispositivo no tiene ningún motor que ejecute este tipo de programa.',
    'not-enough-memory': 'El programa necesita más memoria de la que ofrece el dispositivo.',
    'not-wished': 'Se ha elegido otro trabajo.',
  },
  link: 'Llévate tus ajustes',
  linkNote:
    'Esta dirección contiene cómo ajustaste esta pestaña, y nada sobre ti. Quien la abra verá qué cambiaría antes de que cambie nada.',
  linkName: 'Dirección con tus ajustes',
  linkDefault:
    'Usas los ajustes con los que todos empiezan, así que la dirección no contiene ninguno.',
  copy: 'Copiar la dirección',
  copied: 'Copiada.',
  notCopied: 'Este navegador no lo permite: selecciona la dirección y cópiala.',
  qr: 'La misma dirección como código QR',
  tooLong: 'Demasiado para un código QR: has elegido muchos trabajos o autores.',
  offered: 'Ajustes en esta dirección',
  offeredNote:
    'Alguien puso estos ajustes en la dirección que has abierto. No se ha cambiado nada.',
  offeredSame: 'Los ajustes de esta dirección son los que ya tienes.',
  offeredBroken: 'Los ajustes de esta dirección no se pueden leer. No se ha cambiado nada.',
  now: 'Ahora',
  then: 'Después',
  setting: 'Ajuste',
  take: 'Usar estos ajustes',
  keep: 'Dejar los míos',
  taken: 'Estos ajustes ya son tuyos. Se guardan en este navegador.',
  kept: 'No se ha cambiado nada.',
  minutes: (minutes) => plural(minutes, { one: 'un minuto', other: `${count(minutes)} minutos` }),
  always: 'siempre',
  unlimited: 'sin límite propio',
  leastRate: (percent) => `al menos el ${percent} % del precio de lista`,
  not: (names) => `sin ${names}`,
  only: (names) => `solo ${names}`,
  fromJobs: '¿Cuáles le van bien a este dispositivo?',
};
