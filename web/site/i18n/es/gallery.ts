/** The gallery of kernels, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const gallery: InnerWords['gallery'] = {
  title: 'Mira lo que puede tu dispositivo.',
  lead: 'Cada kernel que un trabajo puede pedir, ejecutado aquí solo para ti: su imagen, su velocidad, si calcula bien y cuánto se acerca a lo mejor que puede dar tu dispositivo.',
  note: 'Una ejecución dura unos segundos y empieza con tu clic. Si esta pestaña calcula ahora para otros, ambas cosas van más lentas.',
  all: 'Todos los kernels',
  unknown: 'No hay ningún kernel con ese nombre.',
  source: 'De dónde viene el método',
  classes: {
    exact: 'Exacto',
    algebraic: 'Demostrado por álgebra',
    sampled: 'Comprobado por muestras',
  },
  classNotes: {
    exact:
      'Todos los dispositivos calculan los mismos bits, así que los resultados se comparan bit a bit.',
    algebraic:
      'Una demostración corta muestra si un resultado es correcto sin volver a calcularlo.',
    sampled:
      'Los dispositivos redondean de forma distinta. Se vuelven a calcular muestras secretas y se comparan dentro de un límite.',
  },
  lastRun: {
    agrees: 'Se ejecutó aquí y coincide',
    disagrees: 'Se ejecutó aquí y no coincide',
  },
  form: {
    size: 'Tamaño',
    sizes: { small: 'Pequeño', medium: 'Mediano', large: 'Grande' },
    params: 'Parámetros',
    items: 'Elementos por ejecución',
    between: (least, most) => `de ${least} a ${most}`,
    json: 'como JSON',
    optional: 'puede quedar vacío',
    run: 'Ejecutar aquí',
    again: 'Ejecutar otra vez',
    running: 'En marcha …',
    refused: (field) => `El kernel no admite este valor de «${field}»:`,
    refusedAll: 'El kernel no admite estos valores:',
    tooMany: (most) => `Una ejecución tiene de 1 a ${most} elementos.`,
    tooMuchWork: (flops, most) =>
      `Son ${flops} operaciones. Esta página hace ${most} como mucho, para que tu dispositivo siga siendo tuyo.`,
    tooMuchData: (bytes, most) =>
      `Son ${bytes} de datos. Esta página trabaja con ${most} como mucho.`,
  },
  result: {
    title: 'Lo que salió',
    none: 'Todavía no se ha ejecutado nada.',
    picture: (item) => `Imagen del elemento ${count(item)}`,
    wholePicture: 'Imagen de todos los elementos juntos',
    rate: 'Elementos por segundo',
    rateNote: (items) =>
      plural(items, {
        one: 'de la entrada al resultado, un elemento por ejecución',
        other: `de las entradas a los resultados, ${count(items)} elementos por ejecución`,
      }),
    agrees: 'Coincide',
    disagrees: 'No coincide',
    checking: 'Comprobando …',
    compared: (items) =>
      plural(items, {
        one: 'Se comparó un elemento con la referencia, con la regla que acepta los resultados de los voluntarios.',
        other: `Se compararon ${count(items)} elementos con la referencia, con la regla que acepta los resultados de los voluntarios.`,
      }),
    bitForBit: 'Iguales bit a bit.',
    worst: (worst, limit) =>
      `Mayor diferencia de un elemento: ${worst} de su tamaño (límite ${limit}).`,
    worstElement: (worst, limit) =>
      `Mayor desvío de un solo valor: ${worst} del tamaño habitual (límite ${limit}).`,
    reference: 'Lo mismo en JavaScript puro',
    referenceNote: (ms) => `${ms} ms por elemento: la definición de lo correcto`,
    faster: (times) => `Tu dispositivo es ${times} veces más rápido.`,
    slower: (times) => `JavaScript puro es aquí ${times} veces más rápido.`,
    device: 'Lo calculó',
    software: 'software en el procesador, a falta de una tarjeta gráfica que una página pueda usar',
    noGpu: 'Este navegador no da tarjeta gráfica a las páginas. Solo se ejecutó la referencia:',
  },
  ways: {
    title: 'Cómo se calculó',
    only: (ms) =>
      `El kernel tiene una sola forma para este dispositivo. Tardó ${ms} ms por elemento.`,
    fastest: (way, ways) =>
      `Con «${way}»: de las ${count(ways)} formas que el kernel tiene para este dispositivo, ahora fue la más rápida.`,
    trying: (begun, ways) => `Probando la forma ${count(begun)} de ${count(ways)} …`,
    way: 'Forma',
    family: 'Cómo cooperan los hilos',
    time: 'ms por elemento',
    families: {
      registers: 'cada uno por su cuenta',
      tiled: 'los grupos comparten memoria',
      subgroups: 'los carriles se pasan valores',
      halves: 'con números de 16 bits',
    },
    wgsl: 'El WGSL que se ejecutó aquí',
  },
  roofline: {
    title: 'Lo mejor que podría dar el dispositivo',
    lead: 'Al lado se midieron dos programas pequeños: uno que solo copia memoria y otro que solo multiplica y suma. Ningún kernel puede estar por encima de las dos líneas, salvo que sus datos queden en cachés.',
    measuring: 'Midiendo las líneas …',
    copies: 'Copia memoria a',
    adds: 'Multiplica y suma a',
    kernel: 'Este kernel hace',
    intensity: 'Operaciones por byte',
    byMemory: (share) => `${share} de lo que permite la memoria: lo frena mover datos.`,
    byArithmetic: (share) => `${share} de lo que permite la aritmética: datos no le faltan.`,
    above: (times) => `${times} veces lo que permitiría la memoria: sus datos quedan en cachés.`,
    beyond: (times) =>
      `${times} veces lo que permite la aritmética: se cuenta todo lo que el kernel tendría que hacer, y acabó antes.`,
    chart: (name) => `${name} bajo las líneas límite de este dispositivo; las cifras están al lado`,
    axisX: 'operaciones por byte',
    code: 'Cómo se miden las líneas',
  },
  failed: {
    'device-lost': 'La tarjeta gráfica se perdió a mitad de camino. Ejecútalo otra vez.',
    'out-of-memory': 'La tarjeta gráfica no tiene sitio para esto. Prueba un tamaño menor.',
    refused: 'La tarjeta gráfica no admite este kernel:',
    broken: 'No se pudo ejecutar:',
    silent: 'No se supo nada durante un minuto, así que se terminó. Prueba un tamaño menor.',
  },
  sources: {
    title: 'Léelo y compruébanos',
    note: 'Con estos archivos se construyó esta página.',
    composed: (made, by) =>
      `${made} es lo que ${by} hace del tamaño pequeño; otros dispositivos y tamaños reciben otro.`,
    roles: {
      shader: 'El kernel (WGSL)',
      reference: 'La referencia',
      test: 'Las pruebas',
      manifest: 'Lo que dice de sí mismo',
      other: 'Lo que lo acompaña',
    },
    file: (name) => `Texto de ${name}`,
    save: 'Guardar este archivo',
    missing: 'No hay ningún archivo con ese nombre.',
    notLoaded: 'No se pudo cargar el archivo.',
  },
};
