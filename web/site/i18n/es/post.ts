/** The page that posts a job and follows it, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const post: InnerWords['post'] = {
  title: 'Pon muchas pestañas a calcular tu modelo.',
  lead: 'Arrastra a esta página un modelo ONNX y tus imágenes o arrays, mira cuánto costaría y cuánto podría ser incorrecto, y observa cómo llegan los resultados comprobados.',
  strangers:
    'Los dispositivos de quienes colaboran ven el modelo y sus entradas: no publiques nada secreto.',
  provisional:
    'Un resultado cuenta cuando es definitivo: comprobado como indica el trabajo. Hasta entonces es provisional y aún puede retirarse.',
  open: 'Continuar',
  another: 'Publicar otro trabajo',
  recent: 'Tus últimos trabajos',
  states: {
    paused: 'en pausa',
    running: 'en marcha',
    done: 'terminado',
    failed: 'fallido',
    cancelled: 'cancelado',
  },
  model: {
    title: '1. El modelo',
    drop: 'Arrastra aquí un modelo ONNX o elige uno',
    note: 'Un archivo .onnx. No sale de esta página hasta que pides el precio.',
    takes: 'Entradas',
    gives: 'Salidas',
    change: 'Elegir otro modelo',
  },
  inputs: {
    title: '2. Lo que recibe',
    drop: (name) => `Arrastra aquí imágenes o un array para «${name}», o elige archivos`,
    note: 'PNG, JPEG o WebP, una imagen por elemento; o .npy, .npz, .safetensors con un array cuyo primer eje son los elementos.',
    preparing: (done, total) => `Preparando las imágenes: ${count(done)} de ${count(total)}`,
    items: (items) => plural(items, { one: 'un elemento', other: `${count(items)} elementos` }),
    constant: 'Igual para todos los elementos',
    change: 'Elegir otros archivos',
    prepared: 'Cómo se preparan las imágenes',
    words: 'Indicaciones, como tras --preprocess',
    again: 'Prepararlas de nuevo',
    leftOut: (files) =>
      plural(files, {
        one: 'Se ha dejado fuera un archivo:',
        other: `Se han dejado fuera ${count(files)} archivos:`,
      }),
    more: (files) => `y ${count(files)} más`,
    seen: 'Las primeras imágenes, tal como las ve el modelo',
    neither: (file) => `«${file}» no es ni una imagen ni un archivo de arrays.`,
    mixed: 'Elige o bien imágenes o bien un solo archivo de arrays.',
    unequal: 'Las entradas no tienen el mismo número de elementos.',
  },
  offer: {
    title: '3. El precio y el riesgo de error',
    name: 'Nombre del trabajo',
    nameNote: 'Cualquiera puede leerlo.',
    rate: 'Lo que ofreces, en porcentaje del precio de lista',
    ask: 'Ver precio y riesgo de error',
    asking: 'Enviando los datos y pidiendo el precio …',
    asked: 'Esto es lo que costaría ahora.',
    missing: (names) => `Aún falta: ${names}`,
    price: 'Precio',
    credits: (amount) => `${amount} créditos`,
    size: 'Tamaño',
    shards: (items, shards) =>
      `${items} en ${plural(shards, { one: 'una parte', other: `${count(shards)} partes` })}`,
    work: 'Trabajo por elemento',
    flops: (flops) => `${flops} operaciones de coma flotante`,
    hosts: 'Participantes',
    enough: (people) =>
      plural(people, {
        one: 'Hay una persona conectada que podría calcularlo: es suficiente.',
        other: `Hay ${count(people)} personas conectadas que podrían calcularlo: son suficientes.`,
      }),
    notEnough: (people) =>
      people === 0
        ? 'No hay nadie conectado que pueda calcularlo: el trabajo esperaría.'
        : plural(people, {
            one: 'Hay una persona conectada que podría calcularlo: aún no es suficiente, el trabajo esperaría a más.',
            other: `Hay ${count(people)} personas conectadas que podrían calcularlo: aún no son suficientes, el trabajo esperaría a más.`,
          }),
    time: 'Duración',
    between: (low, high) => `de ${low} a ${high}, si se publicara ahora`,
    check: 'Cómo se comprueba',
    policies: {
      quorum: (opinions) =>
        opinions === 1 ? 'Sin comprobar' : `Calculado ${count(opinions)} veces`,
      sampled: 'Muestras secretas',
      algebraic: 'Cada producto comprobado',
      stages: 'Etapas comprobadas',
    },
    wrong: (share) => `como máximo un ${share} incorrecto`,
    cost: (share) => `comprobar cuesta un ${share}`,
    post: 'Publicar el trabajo',
    posting: 'Publicando …',
  },
  job: {
    progress: (done, total) => `${count(done)} de ${count(total)} elementos aceptados`,
    settled: 'Definitivos',
    waiting: 'Provisionales',
    failed: 'Fallidos',
    wrong: 'Informes incorrectos encontrados',
    rate: 'Elementos por segundo',
    rateLately: 'Elementos por segundo en los dos últimos minutos',
    left: (time) => `quedan cerca de ${time}`,
    paid: 'Pagado hasta ahora',
    paidOf: (price) => `de ${price} créditos`,
    checked: 'Comprobado',
    why: 'A qué espera',
    pause: 'Pausar el trabajo',
    resume: 'Dejar que siga',
    cancel: 'Cancelar el trabajo',
    cancelSure: 'Cancelarlo para siempre',
    cancelled: 'Cancelado. Lo que ya es definitivo se queda.',
    results: 'Los primeros resultados',
    noResults: 'Los primeros resultados aparecen aquí en cuanto son definitivos.',
    item: (item) => `Elemento ${count(item)}`,
    noResult: 'no se ha podido calcular',
    best: (label, score) => `${label}: ${score}`,
    output: (output) => `salida ${count(output)}`,
  },
  save: {
    title: 'Llévate los resultados',
    labels: 'Nombres de las clases',
    labelsNote: 'Un archivo de texto: la línea 1 es la clase 0.',
    what: 'Qué de cada elemento',
    all: 'Todos los valores',
    best: 'La mejor clase',
    top: (most) => `Las ${count(most)} mejores clases`,
    softmax: 'Puntuaciones como probabilidades (softmax)',
    as: (kind) => `Guardar como ${kind}`,
    partial: 'El trabajo sigue en marcha: el archivo tiene lo que es definitivo hasta ahora.',
    saved: 'Guardado.',
    command: 'O en una terminal, también para lo que es demasiado grande para una página:',
  },
};
