/** The controls in Spanish. */
import type { Words } from '../en.ts';
import { figures } from './figures.ts';

const percent = (value: number): string => figures.percent(value / 100);

export const controls: Words['controls'] = {
  title: 'Cómo trabaja esta pestaña',
  more: 'Más ajustes',
  ownChoice: 'Tu propia elección: algunos ajustes de abajo no coinciden con ninguna de las tres.',
  broken:
    'No se ha podido leer en este navegador lo que habías elegido, así que valen los ajustes habituales. Vuelve a elegir lo que te importe.',
  presets: {
    gentle: {
      label: 'Suave',
      help: 'Una cuarta parte del tiempo, y solo mientras carga. Apenas lo notarás.',
    },
    balanced: {
      label: 'Equilibrado',
      help: 'La mitad del tiempo; con batería, mientras esté por encima de la mitad. Más despacio mientras estás aquí.',
    },
    all: {
      label: 'Todo lo que tengo',
      help: 'Todo el tiempo, también con batería y mientras el dispositivo está ocupado. Se calienta, se oye y gasta la batería.',
    },
  },
  each: {
    inBackground: {
      label: 'Seguir en segundo plano',
      help: 'También mientras miras otra pestaña. Entonces impide que el navegador duerma esta pestaña y gasta energía todo el rato. Desactivado: descansa cuando no la ves.',
    },
    gpuPercent: {
      label: 'Tarjeta gráfica',
      help: 'Parte del tiempo. Menos calienta y suena menos, y gana menos.',
    },
    cpuPercent: {
      label: 'Procesador',
      help: 'Parte del tiempo de un núcleo. Menos deja más para todo lo demás.',
    },
    whenUsed: {
      label: 'Mientras alguien usa el dispositivo',
      help: 'Se guía por lo que haces en esta página; por todo el dispositivo, si se lo permites.',
    },
    awayAfterMinutes: {
      label: 'Fuera después de',
      help: 'Minutos sin tocar nada antes de que empiece.',
    },
    battery: {
      label: 'Con batería',
      help: 'Calcular agota un portátil en una o dos horas.',
    },
    batteryPercent: { label: 'Descansar al', help: 'Por ciento de carga, y por debajo.' },
    yieldsToPressure: {
      label: 'Dejar paso cuando el dispositivo está ocupado',
      help: 'La mitad cuando tiene mucho que hacer, nada cuando tiene demasiado. Cuesta algo de crédito.',
    },
    onMeteredLine: {
      label: 'También con conexión móvil o de ahorro de datos',
      help: 'Cada modelo ocupa varios megabytes. Desactivado: descansa con una conexión así.',
    },
    schedule: {
      label: 'Solo a ciertas horas',
      help: 'Según el reloj de este dispositivo. Pasa de medianoche cuando el final es anterior al principio.',
    },
    dataCapMb: {
      label: 'Como máximo estos datos al día',
      help: 'Megabytes, en ambos sentidos juntos. Al llegar al límite, el trabajo para hasta medianoche.',
    },
    memoryCapMb: {
      label: 'Como máximo esta memoria',
      help: 'Megabytes para una parte del trabajo. Con menos quedan fuera los modelos grandes. La conexión se abre de nuevo.',
    },
    screenAwake: {
      label: 'Mantener la pantalla encendida',
      help: 'Mientras calcula y ves esta pestaña. La pantalla también gasta energía.',
    },
    tellsRegion: {
      label: 'Contar mi parte del mundo',
      help: 'La página Red cuenta entonces esta pestaña en «Europa» o similar, según la zona horaria de tu reloj. Si no, no se dice nada. La conexión se abre de nuevo y lo empezado se devuelve.',
    },
  },
  whenUsed: {
    same: 'Seguir como siempre',
    slow: 'La mitad',
    rest: 'Descansar: solo cuando no estoy',
  },
  battery: {
    charging: 'Descansar',
    above: 'Seguir hasta cierto nivel de carga',
    any: 'Seguir',
  },
  days: ['Lun', 'Mar', 'Mié', 'Jue', 'Vie', 'Sáb', 'Dom'],
  scheduleDays: 'Días en que empieza',
  from: 'Desde',
  to: 'Hasta',
  megabytes: (label) => `${label}: en megabytes`,
  keptFiles: {
    kept: (megabytes) =>
      `En este dispositivo se guardan ${megabytes} MB de modelos, entradas y archivos de estas páginas.`,
    remove: 'Borrar los modelos y las entradas',
    removed: 'Borrado. Tu clave, tus ajustes y tus créditos se quedan.',
    failed: 'Este navegador no lo permitió. En sus ajustes puedes borrar los datos de este sitio.',
  },
  askForDevice: 'Avisar a esta página cuando todo el dispositivo esté inactivo',
  deviceKnown: 'Esta página sabe cuándo todo el dispositivo está inactivo.',
  deviceRefused: 'No se ha permitido: se guía por lo que haces en esta página.',
  notTold: 'Este navegador no lo dice, así que aquí no tiene efecto.',
  percent,
  duty: {
    gpuSoFar: (measured, wanted) =>
      `La tarjeta gráfica ha trabajado el ${measured} del tiempo hasta ahora; se pide el ${wanted}.`,
    gpuLately: (measured, wanted) =>
      `La tarjeta gráfica ha trabajado el ${measured} del tiempo en el último minuto; se pide el ${wanted}.`,
    cpuSoFar: (measured, wanted) =>
      `El procesador ha trabajado el ${measured} del tiempo hasta ahora; se pide el ${wanted}.`,
    cpuLately: (measured, wanted) =>
      `El procesador ha trabajado el ${measured} del tiempo en el último minuto; se pide el ${wanted}.`,
  },
  dataToday: (megabytes) => `${megabytes} MB hoy`,
  slowed: {
    inUse: 'Ahora mismo, menos de lo que elegiste, porque estás aquí.',
    pressure: 'Ahora mismo, menos de lo que elegiste, porque el dispositivo tiene mucho que hacer.',
    both: 'Ahora mismo, menos de lo que elegiste, porque estás aquí y el dispositivo tiene mucho que hacer.',
  },
  resting: {
    label: 'Descansando',
    break: (time) => `Descansa, como pediste, hasta las ${time}.`,
    noDay: 'Descansa, porque no hay elegido ningún día en que pueda trabajar.',
    notYet: (time) => `Descansa, porque aún no es la hora: empieza a las ${time}.`,
    notYetOn: (weekday, time) =>
      `Descansa, porque aún no es la hora: empieza el ${weekday} a las ${time}.`,
    hidden:
      'Descansa, porque no ves esta pestaña. Sigue cuando la veas, o en segundo plano si lo permites abajo.',
    deviceInUse: 'Descansa, porque alguien usa el dispositivo.',
    inUse: (time) => `Descansa, porque estás aquí: sigue a las ${time} si no tocas nada.`,
    notCharging: (charge) =>
      `Descansa, porque el dispositivo no se está cargando (${percent(charge)}).`,
    battery: (charge, floor) =>
      `Descansa, porque la batería está al ${percent(charge)}: por encima del ${percent(floor)}, o mientras carga, sigue.`,
    metered:
      'Descansa, porque esta conexión es móvil o ahorra datos. Sigue en cuanto deje de serlo.',
    dataCap: (megabytes) =>
      `Descansa, porque se han gastado los ${figures.count(megabytes)} MB de hoy. Sigue a medianoche.`,
    pressure:
      'Descansa, porque el dispositivo tiene demasiado que hacer. Sigue medio minuto después de que eso pase.',
  },
};
