/** The frame of every page, in Spanish. */
import type { Words } from '../en.ts';
import { figures } from './figures.ts';

const { plural, tenths } = figures;

export const pages: Words['pages'] = {
  contribute: 'Colaborar',
  mine: 'Mi aportación',
  credits: 'Mis créditos',
  leaderboard: 'Clasificación',
  network: 'Red',
  jobs: 'Trabajos',
  kernels: 'Kernels',
  help: 'Ayuda',
  certificate: 'Certificado',
  ready: 'Listo para trabajar',
  sites: 'Para sitios web',
  post: 'Publicar un trabajo',
};

export const shell: Words['shell'] = {
  title: 'Idlewave: presta una pestaña abierta a un ordenador compartido',
  home: 'Idlewave, página de inicio',
  pages: 'Páginas',
  language: 'Idioma',
  skip: 'Ir al contenido',
  pause: 'Pausar',
  resume: 'Continuar',
  loading: 'Cargando…',
  notLoaded: 'No se ha podido cargar esta página.',
  creditsNotLoaded: 'No se ha podido cargar lo que muestra tus créditos.',
  again: 'Volver a intentarlo',
  newer: 'Hay una versión más reciente de esta página.',
  partMissing: 'No se pudo cargar una parte de esta página.',
  loadAnew: 'Cargar la página de nuevo',
  finishAndLoad: 'Terminar lo empezado y cargarla de nuevo',
  finishing: 'Se cargará en cuanto termine lo empezado.',
  silent: 'El coordinador no responde ahora. Inténtalo de nuevo dentro de un momento.',
  alarm: 'El registro público de créditos se contradice.',
  alarmLink: 'Mira qué se ha encontrado',
  noAnswer: 'El coordinador no responde ahora mismo. Lo que ves aquí es lo último que dijo.',
};

export const networkLine: Words['networkLine'] = {
  silent: 'El coordinador no responde ahora mismo',
  people: (count) =>
    plural(count, {
      one: `${tenths(count)} persona calculando`,
      other: `${tenths(count)} personas calculando`,
    }),
  jobs: (count) =>
    plural(count, { one: `${tenths(count)} trabajo`, other: `${tenths(count)} trabajos` }),
  rate: (perSecond) => `${tenths(perSecond)} elementos/s`,
};
