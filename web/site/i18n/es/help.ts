/** Plain answers, in Spanish. */
import type { InnerWords } from '../enInner.ts';

export const help: InnerWords['help'] = {
  title: 'Respuestas claras.',
  lead: 'Qué pasa en tu dispositivo, qué te cuesta y cómo acabarlo.',
  authors: '¿Tienes trabajo para muchas pestañas? Publica un trabajo',
  owners: '¿Tienes un sitio web? Ponlo en él',
  answers: [
    {
      id: 'what-runs',
      question: '¿Qué se ejecuta en mi pestaña?',
      answer: [
        'Matemáticas sobre datos que alguien ha publicado: kernels en WGSL, de un catálogo o escritos por el autor y comprobados antes por este coordinador, y modelos ONNX. Se ejecutan en un worker de esta página, en la tarjeta gráfica con WebGPU o en el procesador con WebAssembly, según lo que sea más rápido para la parte que toca.',
        'Quien publica trabajos nunca envía scripts. Lo que envía no puede leer archivos, otras pestañas, tu cámara ni tu red; de eso se encarga el aislamiento del navegador y, además, una política de seguridad de contenido estricta de este sitio.',
      ],
    },
    {
      id: 'cost',
      question: '¿Qué me cuesta?',
      answer: [
        'Electricidad: un portátil que calcula consume unos 15 a 45 vatios más que uno en reposo; un ordenador de mesa con una tarjeta gráfica grande, de 100 a 300. Una hora a 30 vatios son 0,03 kilovatios hora, más o menos lo que gasta un hervidor en un minuto. Tu dispositivo se calienta y puede arrancar el ventilador.',
        'Datos: los modelos se descargan una vez y se guardan (1 GiB como máximo); las entradas y los resultados son pequeños a su lado. El panel del trabajo en marcha dice cuánto ha ido y venido.',
        '«Cómo trabaja esta pestaña», en la primera página, dice cuándo descansa sin que hagas nada: con batería, mientras estás aquí, fuera de tus horas. El botón de pausa responde al momento.',
      ],
    },
    {
      id: 'sent',
      question: '¿Qué se envía, y a quién?',
      answer: [
        'Los resultados, lo rápido que llegaron y lo que el navegador dice de su tarjeta gráfica van a este sitio, y a nadie más. Cuando un modelo se reparte entre varias pestañas, estas se comunican directamente y mientras tanto ven sus direcciones de internet.',
        'Te representa una clave que se crea en este navegador. No hay correo ni contraseña, ni nombre si no lo das. Tu dirección de internet se guarda solo como un hash con clave.',
      ],
    },
    {
      id: 'stop',
      question: '¿Cómo paro?',
      answer: [
        'Pulsa Parar o cierra la pestaña. Lo que haya en curso se devuelve al momento y lo calcula otra persona: nadie te espera. No queda nada en segundo plano.',
        'Los modelos descargados se borran con un botón entre los controles. Para quitar también tu clave, borra los datos de este sitio en los ajustes del navegador. Hazlo solo después de vincular otro dispositivo o de apuntar la frase de recuperación, si quieres conservar tus créditos.',
      ],
    },
    {
      id: 'why-credit',
      question: '¿Por qué no recibí crédito por algo?',
      answer: [
        'Cada parte de trabajo tiene una línea en Mis créditos, también lo que se rechazó, con el motivo: resultados que no coincidían con otros o que llegaron tarde. El crédito es provisional hasta que se ha comprobado bastante de tu trabajo.',
        'Abre una línea para ver quién más lo calculó, qué se comparó y la entrada del registro público que lo demuestra.',
      ],
    },
    {
      id: 'trust',
      question: '¿Cómo se sabe que los resultados son correctos?',
      answer: [
        'Una pestaña se compromete con sus resultados antes de saber cuáles se van a mirar. Se comparan muestras secretas con las de otros y las vuelve a calcular el coordinador; quien es descubierto pierde lo que no era definitivo, y su otro trabajo se comprueba de nuevo.',
        'Lo que cuesta comprobar en este momento está en la página Red.',
      ],
    },
    {
      id: 'credits',
      question: '¿Qué valen los créditos?',
      answer: [
        'Un crédito representa un billón de operaciones comprobadas, lo mismo en todos los dispositivos. Es constancia de lo que has aportado, no dinero. Quien publica trabajos gasta créditos para que se hagan.',
      ],
    },
  ],
};
