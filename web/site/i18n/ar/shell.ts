/** The frame of every page, in Arabic. */
import type { Words } from '../en.ts';
import { leftToRight } from '../figures.ts';
import { figures } from './figures.ts';

const { plural, tenths } = figures;

export const pages: Words['pages'] = {
  contribute: 'المشاركة',
  mine: 'مساهمتي',
  credits: 'نقاطي',
  leaderboard: 'لوحة الصدارة',
  network: 'الشبكة',
  jobs: 'المهام',
  kernels: 'الأنوية',
  help: 'المساعدة',
  certificate: 'الشهادة',
  ready: 'جاهز للعمل',
  sites: 'لأصحاب المواقع',
  post: 'انشر مهمة',
};

export const shell: Words['shell'] = {
  title: 'Idlewave: أعِر علامة تبويب مفتوحة لحاسوب مشترك',
  home: 'Idlewave، الصفحة الأولى',
  pages: 'الصفحات',
  language: 'اللغة',
  skip: 'الانتقال إلى المحتوى',
  pause: 'إيقاف مؤقت',
  resume: 'متابعة',
  loading: 'جارٍ التحميل…',
  notLoaded: 'تعذّر تحميل هذه الصفحة.',
  creditsNotLoaded: 'تعذّر تحميل ما يعرض نقاطك.',
  again: 'إعادة المحاولة',
  newer: 'توجد نسخة أحدث من هذه الصفحة.',
  partMissing: 'تعذّر تحميل جزء من هذه الصفحة.',
  loadAnew: 'تحميل الصفحة من جديد',
  finishAndLoad: 'إنهاء ما بدأ ثم تحميلها من جديد',
  finishing: 'ستُحمَّل فور انتهاء ما بدأ.',
  silent: 'المنسّق لا يجيب الآن. حاول مرة أخرى بعد لحظة.',
  alarm: 'السجلّ العام للنقاط يناقض نفسه.',
  alarmLink: 'اطّلع على ما وُجد',
  noAnswer: 'المنسّق لا يجيب الآن. ما تراه هنا هو آخر ما قاله.',
};

export const networkLine: Words['networkLine'] = {
  silent: 'المنسّق لا يجيب الآن',
  people: (count) =>
    plural(count, {
      zero: 'لا أحد يحسب الآن',
      one: 'شخص واحد يحسب الآن',
      two: 'شخصان يحسبان الآن',
      few: `${tenths(count)} أشخاص يحسبون الآن`,
      many: `${tenths(count)} شخصًا يحسبون الآن`,
      other: `${tenths(count)} شخص يحسبون الآن`,
    }),
  jobs: (count) =>
    plural(count, {
      zero: 'لا مهام',
      one: 'مهمة واحدة',
      two: 'مهمتان',
      few: `${tenths(count)} مهام`,
      many: `${tenths(count)} مهمة`,
      other: `${tenths(count)} مهمة`,
    }),
  rate: (perSecond) => `${leftToRight(tenths(perSecond))} عنصر/ث`,
};
