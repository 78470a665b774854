/** What the widget says, in Spanish. */
import type { WidgetWords } from './en.ts';

export const es: WidgetWords = {
  direction: 'ltr',
  help: (site) => `Ayuda a ${site} con una pestaña libre`,
  badge: (site) => `Ayuda a ${site}`,
  open: '¿Cómo?',
  share: (site, percent) =>
    percent === 0
      ? `Te quedas con todos los créditos. ${site} no recibe ninguno.`
      : `El ${percent} % de los créditos que ganes va a ${site}.`,
  runs: 'Tu navegador calcula pequeñas partes de ciencia y matemáticas, nunca programas ajenos, y solo mientras se ve esta pestaña.',
  cost: 'Gasta algo de energía (un portátil, de 15 a 45 vatios más) y pocos datos. Trabaja la mitad del tiempo, se detiene con la batería al 50 % y termina cuando cierras la página.',
  costShort: 'Gasta algo de energía y pocos datos. Un clic lo detiene.',
  brief:
    'Tu navegador calcula pequeñas partes de trabajo comprobado. Gasta algo de energía y pocos datos. Un clic lo detiene.',
  change: 'Dar otra parte',
  shareLabel: (site) => `Parte para ${site}, en porcentaje`,
  start: 'Empezar a calcular',
  goOn: 'Seguir calculando',
  before: 'Aquí ya dijiste que sí. Nada empieza sin tu clic.',
  stoppedBefore: 'La última vez lo detuviste aquí.',
  confirm: 'Confirmar en otra ventana',
  confirmNote:
    'Tu navegador no puede saber si esta página tapa el botón, así que lo confirmas en una ventana propia.',
  confirmTitle: (site) => `¿Calcular para ${site}?`,
  confirmLead: (site) =>
    `Hiciste clic en «Empezar a calcular» en una página de ${site}. Si no querías hacerlo, cierra esta ventana.`,
  confirmYes: 'Sí, empezar',
  confirmLost: 'La página de la que vienes ya no está. Puedes calcular aquí.',
  confirmHere: 'Abrir Idlewave',
  checking: 'Un momento …',
  waitingForWindow: 'Esperando tu respuesta en la otra ventana.',
  loading: 'Preparando …',
  notLoaded: 'No se pudo cargar. Inténtalo de nuevo dentro de un momento.',
  popupBlocked: 'La ventana fue bloqueada. Permítela o abre Idlewave directamente:',
  what: '¿Qué es esto?',
  stop: 'Parar',
  pause: 'Pausa',
  resume: 'Continuar',
  earned: 'créditos en esta visita',
  items: (count, text) => (count === 1 ? 'Una parte calculada' : `${text} partes calculadas`),
  session:
    'Este navegador no guarda nada para esta página: tus créditos terminan con esta visita. Lo que recibió el sitio se queda.',
  region: 'Idlewave: ceder tiempo de cálculo',
  refusals: {
    'not-a-person': 'Eso no fue el clic de una persona, así que no empieza nada.',
    'too-small': 'Aquí falta espacio para preguntarte bien, así que no empieza nada.',
    'not-seen':
      'Algo en esta página tapa parte de este recuadro, así que no empieza nada. Desplázate hasta verlo entero.',
    'just-appeared': 'Fue muy rápido. Haz clic otra vez para que conste que lo quieres.',
    moved: 'El recuadro se movió mientras hacías clic, así que no empezó nada. Haz clic otra vez.',
    'tap-again': 'Toca otra vez para que conste que lo quieres.',
    repeated: 'Haz un solo clic, no dos, para que conste que lo quieres.',
  },
  states: {
    connecting: 'Conectando …',
    waiting: 'Listo. Ahora no hay trabajo para este dispositivo.',
    working: 'Calculando',
    recovering: 'La tarjeta gráfica se reinició. Seguirá en un momento.',
    'backing-off': 'No se puede llegar a la red. Se vuelve a intentar solo.',
    elsewhere: 'Otra pestaña de este sitio ya calcula.',
    paused: 'En pausa',
    hidden: 'Descansa: la página tapa este recuadro.',
    unseen: 'Descansa: este recuadro llevaba un rato sin verse.',
    resting: 'Descansa porque tu dispositivo lo necesita.',
    stopped: 'Detenido. Gracias.',
    failed: (text) => `Detenido: ${text}`,
  },
};
