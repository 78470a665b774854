/** What is said in English from afar, in Spanish. */
import type { Told } from '../toldSentences.ts';

export const told: Told = {
  'There is no work just now.': 'Ahora mismo no hay trabajo.',
  'This device failed several times in a row and rests a little before it tries again.':
    'Este dispositivo ha fallado varias veces seguidas y descansa un poco antes de volver a intentarlo.',
  'This device gave up finished work several times in a row just before handing it in. It is given nothing for {0} minutes; what it has earned stays.':
    'Este dispositivo ha abandonado varias veces seguidas trabajo terminado justo antes de entregarlo. No recibe nada durante {0} minutos; lo que ha ganado se queda.',
  'Results of this device were found wrong again and again, so it is given nothing more of this.':
    'Los resultados de este dispositivo han resultado incorrectos una y otra vez, así que no recibe más de este trabajo.',
  'Devices with this graphics driver get this program wrong, so none of them is given it for now. It is the driver and not you: nothing that was verified is lost, and other work goes on.':
    'Los dispositivos con este controlador gráfico calculan mal este programa, así que por ahora no lo recibe ninguno. Es el controlador y no tú: no se pierde nada de lo comprobado, y el resto del trabajo sigue.',
  'The work that is open is not what you have chosen. What fits is given to you as soon as it is posted.':
    'El trabajo abierto no es lo que has elegido. Lo que encaje lo recibirás en cuanto se publique.',
  'The work that is open needs more than this device offers.':
    'El trabajo abierto necesita más de lo que ofrece este dispositivo.',
  'Your part of the open work is done. It now waits for a second contributor to check it.':
    'Tu parte del trabajo abierto está hecha. Ahora espera a que la compruebe otra persona.',
  'Several devices of your network are new here. A few at a time are tried first; yours comes next.':
    'Varios dispositivos de tu red son nuevos aquí. Primero se prueban unos pocos a la vez; el tuyo es el siguiente.',
  '{0} takes {1} ms an item here, {2} {3} ms.': '{0} tarda aquí {1} ms por elemento; {2}, {3} ms.',
  '{0} is what this device has for this program.':
    '{0} es lo que este dispositivo tiene para este programa.',
  'WASM: this device’s WebGPU is software, where WASM is 10 to 200 times faster.':
    'WASM: el WebGPU de este dispositivo es software, y ahí WASM es de 10 a 200 veces más rápido.',
  '“{0}” failed here: {1}.': '«{0}» ha fallado aquí: {1}.',
  'Accepted unchecked: the job asks for one report.':
    'Aceptado sin comprobar: el trabajo pide un solo informe.',
  'Agreed with the quorum.': 'Coincidió con la mayoría.',
  'The referee agreed with it.': 'El árbitro coincidió con él.',
  'The results were committed to, and never handed in.':
    'Se comprometieron los resultados, pero nunca se entregaron.',
  'No report came before the lease ended: another host computed it.':
    'No llegó ningún informe antes de que acabara el plazo: lo calculó otro dispositivo.',
  'Its stage was right, another of the route was not.':
    'Su etapa era correcta, otra de la ruta no.',
  'Taken back: other items of this contributor were found wrong.':
    'Retirado: otros elementos de la misma persona resultaron incorrectos.',
  'Secret samples of its items, and at least {0} of its contributor’s, agreed with others or with the referee.':
    'Muestras secretas de sus elementos, y al menos {0} de la misma persona, coincidieron con otras o con el árbitro.',
  'Every output was checked: each row by {0} secret projections, which an error of 100 times their threshold escapes with a probability of at most 1e-8.':
    'Se comprobó cada salida: cada fila con {0} proyecciones secretas, a las que un error de 100 veces su umbral escapa con una probabilidad de 1e-8 como máximo.',
  'Each stage committed to what it received and to what it computed; secretly drawn items of each, and at least {0} of its contributor’s, agreed with the referee.':
    'Cada etapa se comprometió con lo que recibió y con lo que calculó; elementos de cada una elegidos en secreto, y al menos {0} de la misma persona, coincidieron con el árbitro.',
  'Nothing was checked.': 'No se comprobó nada.',
  'All {0} items of {1} unrelated volunteers’ reports were compared ({2}): they agreed.':
    'Se compararon los {0} elementos de los informes de {1} personas sin relación entre sí ({2}): coincidieron.',
  'With it came secret items of {0} reports: {1} were held against them and agreed.':
    'Con él llegaron elementos secretos de informes de otras personas: {1} se compararon con ellos y coincidieron.',
  'The coordinator’s referee recomputed {0} of its {1} items, chosen in secret: they agreed.':
    'El árbitro del coordinador volvió a calcular {0} de sus {1} elementos, elegidos en secreto: coincidieron.',
  'Nothing of it was checked when it came.': 'No se comprobó nada de ello cuando llegó.',
  'By the time it was final, {0} of its {1} items had a second opinion that agreed, and {2} checks in a row of its volunteer’s items had found nothing wrong.':
    'Cuando fue definitivo, {0} de sus {1} elementos tenían una segunda opinión que coincidía, y {2} comprobaciones seguidas de elementos de la misma persona no habían encontrado nada incorrecto.',
  'The coordinator does not answer as it should: {0}.':
    'El coordinador no responde como debería: {0}.',
  'Try again in a moment.': 'Vuelve a intentarlo dentro de un momento.',
  'This device was removed from its account, or the account was deleted.':
    'Este dispositivo se quitó de su cuenta, o la cuenta se eliminó.',
  'Begin anew on this device: it gets a new key, which can be linked again.':
    'Empieza de nuevo en este dispositivo: recibe una clave nueva, que se puede volver a vincular.',
  'This device belongs to an account already.': 'Este dispositivo ya pertenece a una cuenta.',
  'Remove it there first; it then begins anew and can be linked.':
    'Quítalo primero allí; después empieza de nuevo y se puede vincular.',
  'This device’s own account has other devices.':
    'La cuenta propia de este dispositivo tiene otros dispositivos.',
  'Link those devices to the other account one by one, or remove them here first.':
    'Vincula esos dispositivos a la otra cuenta uno por uno, o quítalos antes aquí.',
  'The account has as many devices as it may.':
    'La cuenta tiene todos los dispositivos que puede tener.',
  'Remove one that is not used any more.': 'Quita uno que ya no se use.',
  'The account of this code was deleted.': 'La cuenta de este código se eliminó.',
  'This is the account’s last device: nobody could use the account any more.':
    'Este es el último dispositivo de la cuenta: nadie podría usarla ya.',
  'Link another device first, or delete the account.':
    'Vincula antes otro dispositivo, o elimina la cuenta.',
  'No account has this recovery phrase.': 'Ninguna cuenta tiene esta frase de recuperación.',
  'Check the words and their order; a newer phrase replaces an older one.':
    'Comprueba las palabras y su orden; una frase nueva sustituye a la anterior.',
  'Expected {0} words, came {1}.': 'Se esperaban {0} palabras y llegaron {1}.',
  'Not on the list of words: {0}. Look for a slip of the pen.':
    'No están en la lista de palabras: {0}. Mira si hay algún error al escribir.',
  'These words do not belong together: a word is wrong, or two changed places.':
    'Estas palabras no van juntas: una es incorrecta, o dos han cambiado de sitio.',
  'There is no such team, or it was dissolved.': 'Ese equipo no existe, o se disolvió.',
  'Another team has this name, or one that differs only in capitals or letter forms.':
    'Otro equipo tiene este nombre, o uno que solo se diferencia en mayúsculas o formas de letra.',
  'Choose another name.': 'Elige otro nombre.',
  'More would be shared than is earned.': 'Se compartiría más de lo que se gana.',
  'Give one of them less.': 'Da menos a uno de ellos.',
  'The coordinator answers with {0}.': 'El coordinador responde con {0}.',
  'The answer cannot be read.': 'No se puede leer la respuesta.',
};
