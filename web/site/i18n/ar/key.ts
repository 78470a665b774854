/** The words around an API key, in Arabic. */
import type { InnerWords } from '../enInner.ts';

export const key: InnerWords['key'] = {
  key: 'مفتاح واجهة البرمجة الخاص بك',
  note: 'تحصل عليه ممن يشغّل هذا المنسّق. يبقى في هذه الصفحة حتى تغلقها أو تعيد تحميلها، ولا يُرسل إلى أي مكان آخر.',
  forget: 'انسَ المفتاح',
};
