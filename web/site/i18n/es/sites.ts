/** The page of site owners, in Spanish. */
import type { InnerWords } from '../enInner.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const sites: InnerWords['sites'] = {
  title: 'Deja que tus lectores echen una mano.',
  lead: 'Una etiqueta en tu página pide a tus visitantes una pestaña libre. Solo empieza con su clic, dice que es para ti y te da la parte que cada uno acepte.',
  open: 'Ver mis sitios',
  none: 'Esta clave aún no tiene ningún sitio.',
  choose: 'Sitio',
  another: 'Registrar otro',
  addTitle: 'Registrar un sitio',
  changeTitle: 'Qué es',
  name: 'Nombre',
  nameNote: 'Así lo leen los visitantes: «Ayuda a … con una pestaña libre».',
  origins: 'Dónde puede mostrarse el widget',
  originsNote:
    'Una dirección por línea, como https://example.org, sin ruta. En otros lugares no calcula nada. Las páginas que enmarquen la tuya también deben estar aquí.',
  share: 'Parte que pides, en porcentaje',
  shareNote: 'Los visitantes la ven antes de empezar y pueden dar menos o más.',
  add: 'Registrar',
  save: 'Guardar',
  saved: 'Guardado. El próximo visitante ya lo recibe así.',
  added: 'Registrado.',
  wrongOrigin: (line) => `«${line}» no es una dirección como https://example.org`,
  preview: 'Cómo se ve',
  previewNote: 'Es el propio widget: si lo inicias, calcula.',
  size: 'Tamaño',
  sizes: { badge: 'Insignia', small: 'Pequeño', medium: 'Mediano', large: 'Grande' },
  theme: 'Colores',
  themes: { auto: 'Como la página', light: 'Claros', dark: 'Oscuros' },
  tag: 'La etiqueta que debes pegar',
  tags: { html: 'HTML', react: 'React', svelte: 'Svelte', wordpress: 'WordPress' },
  copy: 'Copiar',
  copied: 'Copiado.',
  notCopied: 'Tu navegador no lo permitió. Marca el texto y cópialo tú.',
  statistics: 'Lo que compartieron los visitantes',
  balance: 'Créditos del sitio ahora',
  lately: (days) =>
    plural(days, {
      one: 'Créditos del último día',
      other: `Créditos de los últimos ${count(days)} días`,
    }),
  times: 'Veces compartido',
  noDays: 'Todavía no se ha compartido nada.',
  chart: 'Créditos al día (UTC)',
  table: 'Lo mismo en una tabla',
  day: 'Día (UTC)',
  credits: 'Créditos',
  remove: 'Eliminar este sitio',
  removeSure: 'Eliminarlo para siempre',
  removed: 'Eliminado.',
};
