/** The first page in Spanish. */
import type { Words } from '../en.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const invitation: Words['invitation'] = {
  idea: 'Presta esta pestaña a un ordenador compartido.',
  lead: 'Hay quien publica trabajos demasiado grandes para una sola máquina. Tu navegador calcula una parte, el de otra persona la comprueba, y lo que estaba bien se te reconoce. Sin instalar nada ni registrarte.',
  earned: (credits) => `En esta visita has ganado ${credits} créditos.`,
  start: 'Empezar a calcular',
  remember: 'Volver a empezar sin preguntar cuando regrese a esta página',
};

export const promises: Words['promises'] = {
  title: 'Qué pasa cuando empiezas',
  answers: [
    {
      question: 'Qué se ejecuta',
      answer:
        'Solo matemáticas: kernels de WebGPU, comprobados antes de llegar aquí, y modelos ONNX. Son datos, nunca scripts, y no pueden ver tus archivos, tus otras pestañas ni tu red.',
    },
    {
      question: 'Cuánto tiempo',
      answer:
        'Hasta que pauses, pares o cierres la pestaña. Usa tu tarjeta gráfica o un núcleo del procesador, y devuelve el trabajo sin acabar en cuanto te vas.',
    },
    {
      question: 'Qué se envía',
      answer:
        'Los resultados y lo rápido que llegaron, solo a este sitio. Te representa una clave creada en este navegador: sin nombre, si no lo das, y sin correo. Los modelos se descargan una vez y se guardan, 1 GiB como máximo.',
    },
    {
      question: 'Qué recibes',
      answer:
        'Un crédito por cada billón de operaciones, cuando otros las han confirmado o cuando quien publica el trabajo no pide comprobación. Los resultados incorrectos no ganan nada, los envíe quien los envíe.',
    },
  ],
};

export const states: Words['states'] = {
  off: { label: 'Apagado', sentence: 'No se está calculando nada.' },
  connecting: { label: 'Conectando', sentence: 'Conectando con el coordinador.' },
  offline: {
    label: 'Sin conexión',
    sentence: (seconds) =>
      `No se llega al coordinador. ${plural(seconds, { one: 'Se volverá a intentar en un segundo como mucho', other: `Se volverá a intentar en ${count(seconds)} segundos como mucho` })}; el trabajo en curso sigue.`,
  },
  waiting: {
    label: 'Esperando',
    asking: 'Conectado. Pidiendo trabajo.',
    told: (why) => `Conectado. ${why}`,
  },
  preparing: {
    label: 'Preparando',
    sentence: 'Trayendo lo que necesita la siguiente parte del trabajo.',
  },
  computing: { label: 'Calculando', sentence: (job) => `Trabajando en «${job}».` },
  recovering: {
    label: 'Recuperándose',
    sentence: 'El motor de cálculo ha caído y se está reiniciando. No se pierde nada.',
  },
  handingOver: {
    label: 'Cediendo el sitio',
    work: 'Terminando lo que hay en curso. Después, esta pestaña se detiene.',
    route:
      'Terminando lo que hay aquí en marcha. Después, otra pestaña ocupa este sitio y esta se detiene.',
  },
  paused: {
    label: 'En pausa',
    linked: 'No se está calculando nada; el trabajo sin acabar se ha devuelto.',
    unlinked: 'No se está calculando nada, y esta pestaña no está conectada.',
  },
  asleep: {
    label: 'Dormida',
    sentence: 'El navegador ha dormido esta pestaña; el trabajo se ha devuelto.',
  },
  elsewhere: {
    label: 'En otra pestaña',
    sentence:
      'Otra pestaña de este navegador ya está calculando. Con una basta: dos compartirían el mismo dispositivo. Esta sigue cuando se cierre la otra.',
  },
  thanks: 'Detenido. Gracias por lo que has aportado.',
  stopped: 'Detenido',
};

export const run: Words['run'] = {
  resumed: 'Ha vuelto a calcular sin preguntar, como pediste en otra visita.',
  forget: 'No lo hagas más',
  remember: 'Hazlo también la próxima vez',
  downloading: (job) => `Descargando lo que necesita «${job}». Se guarda para la próxima vez.`,
  itemsDone: (done, items) =>
    `${count(done)} de ${count(items)} ${plural(items, { one: 'elemento', other: 'elementos' })}`,
  pieceOf: (job) => `Esta parte de ${job}`,
  rate: 'Elementos por segundo',
  items: 'Elementos calculados',
  credits: 'Créditos',
  checked: 'Comprobado por otros',
  engine: 'Motor de cálculo.',
  refused: (why) => `No se ha aceptado un resultado: ${why}`,
  pause: 'Pausar',
  resume: 'Continuar',
  stop: 'Parar',
  stopNow: 'Parar ya',
  goOn: 'Seguir ya',
  break: 'Pausar una hora',
  stay: 'Quedarme al final',
  handOver: 'Ceder el sitio y parar',
  finish: 'Terminar y parar',
  creditNote: {
    none: 'por trabajo aceptado',
    earlier: 'de visitas anteriores',
    now: 'todos en esta visita',
    part: (credits) => `+${credits} en esta visita`,
  },
  checkedNote: {
    none: 'partes de trabajo',
    agreed: 'todas coinciden',
    disagreed: (reports) =>
      plural(reports, {
        one: `${count(reports)} no coincide`,
        other: `${count(reports)} no coinciden`,
      }),
    unchecked: (reports) => `${count(reports)} sin comprobar`,
    both: (first, second) => `${first}, ${second}`,
  },
  chunks: {
    from: (megabytes) => `De los modelos, ${count(megabytes)} MB llegaron de otras pestañas.`,
    to: (megabytes) => `De los modelos, ${count(megabytes)} MB fueron a otras pestañas.`,
    both: (from, to) =>
      `De los modelos, ${count(from)} MB llegaron de otras pestañas y ${count(to)} MB fueron a ellas.`,
  },
  account: 'Tu cuenta',
  keepSafe: 'Ya tienes créditos: guárdalos bien',
};
