/** The account of this browser's key, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const account: InnerWords['account'] = {
  asking: 'Preguntando al coordinador…',
  again: 'Volver a intentarlo',
  retired:
    'Este navegador se quitó de su cuenta, o la cuenta se eliminó. Su clave ya no lleva a ninguna parte.',
  beginAnew: 'Empezar de nuevo',
  credits: (credits) => `${credits} créditos`,
  earned: 'ganados',
  toGive: (credits) => `${credits} que puedes regalar`,
  keyHere:
    'La clave de esta cuenta está en el almacenamiento de este navegador, y en ningún otro lugar. Si borras los datos de este sitio, o usas una ventana privada, se pierde.',
  persistent: 'El navegador ha prometido no borrarla por su cuenta.',
  notPersistent: 'El navegador también puede borrarla por su cuenta cuando falte espacio.',
  phraseBringsBack: 'Tu frase de recuperación devuelve la cuenta.',
  devicesLeadBack: 'Tus otros dispositivos siguen llevando entonces a la cuenta.',
  nothingLeadsBack:
    'Entonces nadie puede devolverte la cuenta, a no ser que vincules otro dispositivo o apuntes una frase de recuperación.',
  name: {
    label: 'Nombre en la clasificación',
    note: '(opcional, puede leerlo cualquiera)',
    save: 'Guardar nombre',
    wrong:
      'Un nombre no puede llevar eso: se esperan letras, cifras y signos, con espacios sueltos entre ellos.',
    none: 'Apareces sin nombre.',
    saved: 'Guardado.',
  },
  devices: {
    title: 'Dispositivos',
    this: 'este navegador',
    since: (day) => `desde el ${day}`,
    remove: 'Quitar',
    reallyRemove: 'Quitar de verdad',
    removeOne: (name) => `Quitar ${name}`,
    reallyRemoveOne: (name) => `Quitar de verdad ${name}`,
    removed: (name) => `Se ha quitado ${name}.`,
  },
  systems: {
    android: 'Teléfono o tableta Android',
    ios: 'iPhone o iPad',
    mac: 'Mac',
    windows: 'Ordenador con Windows',
    chromebook: 'Chromebook',
    linux: 'Ordenador con Linux',
    other: 'Navegador',
  },
  link: {
    title: 'Vincular otro dispositivo',
    lead: 'Varios dispositivos pueden trabajar para una cuenta. Lo que el otro haya ganado por su cuenta viene con él.',
    show: 'Mostrar un código',
    openBefore: 'En el otro dispositivo abre',
    openAfter: ', luego «Tu cuenta», y escribe este código. O apunta con su cámara a la imagen.',
    picture: 'El mismo código como código QR',
    goodFor: (minutes) =>
      `Vale para un dispositivo, ${plural(minutes, { one: 'durante un minuto', other: `durante ${count(minutes)} minutos` })}. Quien lo tenga puede unirse a tu cuenta: no se lo enseñes a nadie más.`,
    done: 'Listo',
  },
  phrase: {
    title: 'Frase de recuperación',
    has: 'Tienes una. Una nueva la sustituye.',
    lead: 'Doce palabras en papel devuelven la cuenta cuando ya no tengas ningún dispositivo. No es obligatoria.',
    make: 'Crear una frase de recuperación',
    makeNew: 'Crear una frase nueva',
    write:
      'Apunta estas palabras, en este orden. Se han creado en este navegador y solo se muestran ahora. Quien las tiene, tiene la cuenta.',
    written: 'Ya las he apuntado',
    notNow: 'Ahora no',
    done: 'Desde ahora, estas palabras devuelven la cuenta.',
  },
  join: {
    title: 'Ya tengo una cuenta',
    lead: 'Este navegador se une a ella, y también lo que haya ganado por su cuenta.',
    code: 'Código que muestra tu otro dispositivo',
    byCode: 'Unirse con el código',
    wrongCode: 'Un código tiene ocho letras y cifras, como ABCD-1234.',
    joined: 'Este navegador ya pertenece a la cuenta.',
    phrase: 'O tu frase de recuperación, doce palabras',
    byPhrase: 'Recuperar con la frase',
    restored: 'La cuenta ha vuelto.',
  },
  delete: {
    title: 'Eliminar la cuenta',
    what: 'Desaparecen tu nombre, los nombres de tus dispositivos y todas las claves, en todos los dispositivos, y nadie puede devolver la cuenta. Lo que se calculó y se reconoció queda en el libro público con un número que no lleva a nadie.',
    sure: 'Eliminarla para siempre',
    keep: 'Conservarla',
    ask: 'Eliminar la cuenta…',
    done: 'Eliminada.',
  },
};
