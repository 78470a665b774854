/** The page of site owners, in Arabic. */
import type { InnerWords } from '../enInner.ts';
import { apart, leftToRight } from '../figures.ts';
import { figures } from './figures.ts';

const { count, plural } = figures;

export const sites: InnerWords['sites'] = {
  title: 'دع قرّاءك يمدّون يد العون.',
  lead: 'وسم واحد في صفحتك يطلب من زوارك علامة تبويب فارغة. لا يبدأ إلا بنقرتهم، ويقول إنه من أجلك، ويمنحك الحصة التي يوافق عليها كل منهم.',
  open: 'أظهر مواقعي',
  none: 'ليس لهذا المفتاح موقع بعد.',
  choose: 'الموقع',
  another: 'سجّل موقعًا آخر',
  addTitle: 'سجّل موقعًا',
  changeTitle: 'ما هو',
  name: 'الاسم',
  nameNote: 'كما يقرؤه الزوار: «ساعد … بعلامة تبويب فارغة».',
  origins: 'أين يجوز عرض الأداة',
  originsNote: `عنوان واحد في كل سطر، مثل ${leftToRight('https://example.org')}، بلا مسار. وفي غير ذلك لا تحسب شيئًا. والصفحات التي تضع صفحتك في إطار يجب أن تكون هنا أيضًا.`,
  share: 'الحصة التي تطلبها بالمئة',
  shareNote: 'يراها الزوار قبل أن يبدؤوا، ولهم أن يعطوا أقل أو أكثر.',
  add: 'سجّل',
  save: 'احفظ',
  saved: 'حُفظ. يحصل عليه الزائر التالي هكذا.',
  added: 'سُجّل.',
  wrongOrigin: (line) => `«${apart(line)}» ليس عنوانًا مثل ${leftToRight('https://example.org')}`,
  preview: 'كيف تبدو',
  previewNote: 'هذه هي الأداة نفسها: إن شغّلتها حسبت.',
  size: 'الحجم',
  sizes: { badge: 'شارة', small: 'صغير', medium: 'متوسط', large: 'كبير' },
  theme: 'الألوان',
  themes: { auto: 'مثل الصفحة', light: 'فاتحة', dark: 'داكنة' },
  tag: 'الوسم الذي تلصقه',
  tags: { html: 'HTML', react: 'React', svelte: 'Svelte', wordpress: 'WordPress' },
  copy: 'انسخ',
  copied: 'نُسخ.',
  notCopied: 'لم يسمح متصفحك بذلك. حدّد النص وانسخه بنفسك.',
  statistics: 'ما شاركه الزوار',
  balance: 'نقاط الموقع الآن',
  lately: (days) =>
    plural(days, {
      one: 'نقاط اليوم الأخير',
      two: 'نقاط آخر يومين',
      few: `نقاط آخر ${count(days)} أيام`,
      many: `نقاط آخر ${count(days)} يومًا`,
      other: `نقاط آخر ${count(days)} يوم`,
    }),
  times: 'مرات المشاركة',
  noDays: 'لم يُشارَك شيء بعد.',
  chart: 'النقاط في اليوم (بالتوقيت العالمي)',
  table: 'الأمر نفسه في جدول',
  day: 'اليوم (بالتوقيت العالمي)',
  credits: 'النقاط',
  remove: 'أزل هذا الموقع',
  removeSure: 'أزله نهائيًا',
  removed: 'أُزيل.',
};
