/** The network and its open jobs, in Arabic. */
import type { InnerWords } from '../enInner.ts';
import { apart } from '../figures.ts';
import { figures } from './figures.ts';
import { ofItems, ofMinutes } from './nouns.ts';

const { count, plural, short } = figures;

export const network: InnerWords['network'] = {
  title: 'حاسوب واحد من علامات تبويب مفتوحة.',
  lead: 'من يحسب معك في هذه اللحظة، وبأي سرعة، وكم يكلّف التأكد من صحة النتائج.',
  people: 'من يحسبون الآن',
  tabs: (tabs) =>
    plural(tabs, {
      zero: 'دون أي علامة تبويب',
      one: 'في علامة تبويب واحدة',
      two: 'في علامتَي تبويب',
      few: `في ${count(tabs)} علامات تبويب`,
      many: `في ${count(tabs)} علامة تبويب`,
      other: `في ${count(tabs)} علامة تبويب`,
    }),
  rate: 'عنصر في الثانية',
  rateNote: 'جرى التحقق منها، خلال الدقيقة الأخيرة',
  rateOver: (minutes) => `العناصر في الثانية خلال آخر ${ofMinutes(minutes)}`,
  jobs: 'المهام المفتوحة',
  jobsLink: 'اطّلع عليها',
  checking: 'كلفة التحقق',
  checkingNote: 'مرات الحساب الزائدة على مرة لكل عنصر مقبول، في المهام المفتوحة',
  checkingNone: 'لم تُقبل بعد أي نتيجة من مهمة مفتوحة',
  devices: 'بماذا يُحسب',
  devicesNote:
    'كما تصف المتصفحات نفسها. ولا يُعرف عن الجهاز شيء آخر سوى منطقته من العالم إن اختار صاحبه قولها.',
  devicesNone: 'لا أحد يحسب الآن. يمكنك أن تكون الأول.',
  regions: 'أين',
  regionsNote: 'ممّن اختاروا قول ذلك، بحسب المنطقة الزمنية لساعاتهم.',
  regionNames: {
    africa: 'أفريقيا',
    america: 'الأمريكتان',
    antarctica: 'القارة القطبية الجنوبية',
    arctic: 'القطب الشمالي',
    asia: 'آسيا',
    atlantic: 'جزر المحيط الأطلسي',
    australia: 'أستراليا',
    europe: 'أوروبا',
    indian: 'جزر المحيط الهندي',
    pacific: 'جزر المحيط الهادئ',
  },
  wasm: 'المعالج (WebAssembly)',
  log: 'كل جزء منجز من العمل وكل احتساب نقاط مدوّن في سجلّ عام لا يستطيع أحد إعادة كتابته خفية.',
  logLink: 'تنزيل أحدث نقطة تحقق فيه',
};

export const jobs: InnerWords['jobs'] = {
  title: 'ما الذي يُحسب الآن.',
  lead: 'كل مهمة تعمل عليها علامات التبويب الآن، كما سمّاها صاحبها. وتُعطى علامة التبويب أجزاءً من المهام التي تستطيع تنفيذها.',
  none: 'لا توجد مهمة مفتوحة الآن. وعلامة التبويب المنتظرة تُعطى المهمة التالية لحظة نشرها.',
  paused: 'أوقفها صاحبها مؤقتًا.',
  more: (more) => `و${count(more)} أخرى`,
  kernel: (name) => `النواة ${apart(name)} من القائمة`,
  authored: (name, size) =>
    `برنامج خاص بصاحب المهمة لمعالج الرسوم ${apart(`${name}…`)}، حجم تنزيله ${size}`,
  model: (name, size) => `النموذج ${apart(`${name}…`)}، ${size} للتنزيل`,
  stages: (stages, size) => `نموذج على عدة علامات تبويب، عدد مراحله ${stages}، وحجمه كله ${size}`,
  progress: (done, total) => `قُبل ${count(done)} من ${ofItems(total)}`,
  author: 'نشرها',
  checked: 'كيف يُتحقَّق منها',
  policies: {
    quorum: 'تحسب عدة علامات تبويب كل عنصر، وتُقارن نتائجها.',
    sampled: 'تُقارن عيّنات سرّية من عمل كل مشارك بعمل غيره ويُعاد حسابها.',
    algebraic: 'يُتحقَّق من كل نتيجة ببرهان أرخص من حسابها.',
    stages: 'يُعاد حساب عيّنات سرّية من كل مرحلة.',
  },
  wrong: (reports) =>
    plural(reports, {
      zero: 'لم يُعثر على تقارير خاطئة حتى الآن.',
      one: 'عُثر على تقرير خاطئ واحد حتى الآن.',
      two: 'عُثر على تقريرين خاطئين حتى الآن.',
      few: `عُثر على ${count(reports)} تقارير خاطئة حتى الآن.`,
      many: `عُثر على ${count(reports)} تقريرًا خاطئًا حتى الآن.`,
      other: `عُثر على ${count(reports)} تقرير خاطئ حتى الآن.`,
    }),
  work: 'العمل لكل عنصر',
  flops: (operations) => `${short(operations)} عملية حسابية`,
};
