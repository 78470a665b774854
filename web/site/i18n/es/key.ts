/** The words around an API key, in Spanish. */
import type { InnerWords } from '../enInner.ts';

export const key: InnerWords['key'] = {
  key: 'Tu clave de API',
  note: 'Te la da quien gestiona este coordinador. Se queda en esta página hasta que la cierres o la recargues, y no se envía a ningún otro sitio.',
  forget: 'Olvidar la clave',
};
