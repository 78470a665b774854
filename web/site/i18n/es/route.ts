/** A place on a route, in Spanish. */
import type { Words } from '../en.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const route: Words['route'] = {
  title: 'Un modelo en varias pestañas',
  stages: 'Etapas',
  stage: (stage) => `Etapa ${stage}`,
  stageRange: (first, last) => `Etapas ${first}–${last}`,
  inputs: 'Entradas',
  results: 'Resultados',
  coordinator: 'coordinador',
  otherTab: 'otra pestaña',
  thisTab: 'esta pestaña',
  held: (batches) =>
    plural(batches, { one: `${count(batches)} lote aquí`, other: `${count(batches)} lotes aquí` }),
  holdsAll: (stages, job) => `Esta pestaña calcula las ${stages} etapas de «${job}».`,
  holdsOne: (stage, of, job) => `Esta pestaña calcula la etapa ${stage} de las ${of} de «${job}».`,
  holdsRange: (first, last, of, job) =>
    `Esta pestaña calcula las etapas ${first}–${last} de las ${of} de «${job}».`,
  fromCoordinator: 'Sus entradas vienen del coordinador.',
  toCoordinator: 'Lo que calcula es el resultado, y va al coordinador.',
  fromStage: (stage) => `Recibe de la pestaña con la etapa ${stage}`,
  toStage: (stage) => `Envía a la pestaña con la etapa ${stage}`,
  unknown: (what) => `${what}; quién es se sabrá enseguida.`,
  notReached: (what, how) => `${what}: ${how}.`,
  reached: (what, how, numbers) => `${what}, ${how} (${numbers}).`,
  roundTrip: (ms) => `${ms} ms`,
  soFar: (bytes) => `${bytes} hasta ahora`,
  roundTripAndSoFar: (ms, bytes) => `${ms} ms de ida y vuelta, ${bytes} hasta ahora`,
  heldNone: 'Aquí no espera nada.',
  heldSome: (batches) =>
    plural(batches, {
      one: 'Hay aquí un lote de activaciones.',
      other: `Hay aquí ${count(batches)} lotes de activaciones.`,
    }),
  leaving:
    'En esta ruta no se empieza nada nuevo. Cuando termine lo que hay en marcha, otra pestaña ocupa este sitio.',
  staying:
    'Parar o Pausar deja libre este sitio al momento, y lo que hay en marcha se vuelve a calcular. Ceder el sitio tarda unos segundos, y no se pierde nada.',
  paths: {
    connecting: { label: 'conectando', how: 'se está haciendo la conexión' },
    direct: { label: 'directa', how: 'directamente, de navegador a navegador' },
    turn: { label: 'TURN', how: 'a través de un servidor TURN, que no puede leerlo' },
    relayed: {
      label: 'retransmitida',
      how: 'a través del coordinador, porque no se encontró un camino directo',
    },
    broken: { label: 'cortada', how: 'la conexión se ha cortado; se está buscando otra' },
  },
};
