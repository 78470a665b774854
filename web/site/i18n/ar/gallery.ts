/** The gallery of kernels, in Arabic. */
import type { InnerWords } from '../enInner.ts';
import { apart, leftToRight } from '../figures.ts';
import { figures } from './figures.ts';
import { items as counted, ofItems } from './nouns.ts';

const { count, plural } = figures;

export const gallery: InnerWords['gallery'] = {
  title: 'شاهد ما يستطيعه جهازك.',
  lead: 'كل نواة يمكن أن تطلبها مهمة، تُشغَّل هنا لك وحدك: صورتها وسرعتها وهل حسابها صحيح، وكم تقترب من أفضل ما يستطيعه جهازك.',
  note: 'يستغرق التشغيل بضع ثوانٍ ولا يبدأ إلا بنقرتك. وإن كانت علامة التبويب هذه تحسب الآن لآخرين فسيكون كلاهما أبطأ.',
  all: 'كل الأنوية',
  unknown: 'لا توجد نواة بهذا الاسم.',
  source: 'من أين جاءت الطريقة',
  classes: {
    exact: 'مطابقة تامة',
    algebraic: 'تُثبَت بالجبر',
    sampled: 'تُفحَص بعيّنات',
  },
  classNotes: {
    exact: 'تحسب كل الأجهزة البتات نفسها، لذلك تُقارن النتائج بتًّا ببت.',
    algebraic: 'يُظهر برهان قصير هل النتيجة صحيحة دون حسابها من جديد.',
    sampled: 'تختلف الأجهزة في التقريب. تُحسب عيّنات سرّية من جديد وتُقارن ضمن حدّ معيّن.',
  },
  lastRun: {
    agrees: 'شُغّلت هنا وهي متوافقة',
    disagrees: 'شُغّلت هنا وهي غير متوافقة',
  },
  form: {
    size: 'الحجم',
    sizes: { small: 'صغير', medium: 'متوسط', large: 'كبير' },
    params: 'المعاملات',
    items: 'العناصر في التشغيل الواحد',
    between: (least, most) => `من ${apart(least)} إلى ${apart(most)}`,
    json: `بصيغة ${leftToRight('JSON')}`,
    optional: 'يمكن تركه فارغًا',
    run: 'شغّلها هنا',
    again: 'شغّلها مرة أخرى',
    running: 'يجري التشغيل …',
    refused: (field) => `لا تقبل النواة هذه القيمة للمعامل «${apart(field)}»:`,
    refusedAll: 'لا تقبل النواة هذه القيم:',
    tooMany: (most) => `في التشغيل الواحد من 1 إلى ${apart(most)} عنصر.`,
    tooMuchWork: (flops, most) =>
      `هذه ${apart(flops)} عملية. لا تُجري هذه الصفحة أكثر من ${apart(most)} كي يبقى جهازك لك.`,
    tooMuchData: (bytes, most) =>
      `هذه ${apart(bytes)} من البيانات. لا تعمل هذه الصفحة بأكثر من ${apart(most)}.`,
  },
  result: {
    title: 'ما الذي نتج',
    none: 'لم يُشغَّل شيء بعد.',
    picture: (item) => `صورة العنصر ${count(item)}`,
    wholePicture: 'صورة كل العناصر معًا',
    rate: 'العناصر في الثانية',
    rateNote: (items) => `من المُدخلات إلى النتائج، في كل تشغيل ${counted(items)}`,
    agrees: 'متوافقة',
    disagrees: 'غير متوافقة',
    checking: 'يجري التحقق …',
    compared: (items) =>
      plural(items, {
        zero: 'لم يُقارن أي عنصر بالمرجع.',
        one: 'قورن عنصر واحد بالمرجع، بالقاعدة التي تُقبل بها نتائج المتطوّعين.',
        two: 'قورن عنصران بالمرجع، بالقاعدة التي تُقبل بها نتائج المتطوّعين.',
        other: `جرت مقارنة ${ofItems(items)} بالمرجع، بالقاعدة التي تُقبل بها نتائج المتطوّعين.`,
      }),
    bitForBit: 'متطابقة بتًّا ببت.',
    worst: (worst, limit) =>
      `أكبر فرق في عنصر: ${leftToRight(worst)} من مقداره (الحد ${leftToRight(limit)}).`,
    worstElement: (worst, limit) =>
      `أكبر انحراف لقيمة واحدة: ${leftToRight(worst)} من المقدار المعتاد (الحد ${leftToRight(limit)}).`,
    reference: `الأمر نفسه بلغة ${leftToRight('JavaScript')} وحدها`,
    referenceNote: (ms) => `${apart(ms)} ميلي ثانية للعنصر: هذا تعريف الصحيح`,
    faster: (times) => `سرعة جهازك ${apart(times)} ضعفًا.`,
    slower: (times) => `سرعة ${leftToRight('JavaScript')} وحدها هنا ${apart(times)} ضعفًا.`,
    device: 'حسبها',
    software: 'برنامج على المعالج، إذ لا توجد بطاقة رسوميات متاحة للصفحات',
    noGpu: 'لا يتيح هذا المتصفح بطاقة رسوميات للصفحات. شُغّل المرجع وحده:',
  },
  ways: {
    title: 'كيف حُسبت',
    only: (ms) => `لدى النواة طريقة واحدة لهذا الجهاز. استغرقت ${apart(ms)} ميلي ثانية للعنصر.`,
    fastest: (way, ways) =>
      `بطريقة «${apart(way)}»: كانت الآن الأسرع بين طرق النواة لهذا الجهاز، وعددها ${count(ways)}.`,
    trying: (begun, ways) => `تُجرَّب الطريقة ${count(begun)} من ${count(ways)} …`,
    way: 'الطريقة',
    family: 'كيف تتعاون الخيوط',
    time: 'ميلي ثانية للعنصر',
    families: {
      registers: 'كل خيط وحده',
      tiled: 'مجموعات تتشارك الذاكرة',
      subgroups: 'مسارات تتبادل القيم',
      halves: 'بأعداد من 16 بت',
    },
    wgsl: `نص ${leftToRight('WGSL')} الذي شُغّل هنا`,
  },
  roofline: {
    title: 'أفضل ما يمكن للجهاز',
    lead: 'قيس معها برنامجان صغيران: أحدهما ينسخ الذاكرة فقط، والآخر يضرب ويجمع فقط. لا تستطيع أي نواة أن تعلو الخطين إلا إذا بقيت بياناتها في الذاكرة المخبأة.',
    measuring: 'يجري قياس الخطين …',
    copies: 'سرعة نسخ الذاكرة',
    adds: 'سرعة الضرب والجمع',
    kernel: 'ما تحققه هذه النواة',
    intensity: 'العمليات لكل بايت',
    byMemory: (share) => `${leftToRight(share)} مما تسمح به الذاكرة: نقل البيانات هو ما يبطئها.`,
    byArithmetic: (share) => `${leftToRight(share)} مما تسمح به وحدات الحساب: لا تنقصها البيانات.`,
    above: (times) =>
      `${apart(times)} ضعفًا لما كانت الذاكرة ستسمح به: تبقى بياناتها في الذاكرة المخبأة.`,
    beyond: (times) =>
      `${apart(times)} ضعفًا لما تسمح به وحدات الحساب: يُعدّ كل ما قد تضطر النواة إليه، وقد انتهت قبل ذلك.`,
    chart: (name) => `${apart(name)} تحت خطّي حدود هذا الجهاز؛ والأرقام بجانبها`,
    axisX: 'العمليات لكل بايت',
    code: 'كيف يُقاس الخطان',
  },
  failed: {
    'device-lost': 'فُقدت بطاقة الرسوميات في أثناء التشغيل. شغّلها مرة أخرى.',
    'out-of-memory': 'لا تتسع بطاقة الرسوميات لهذا. جرّب حجمًا أصغر.',
    refused: 'لا تقبل بطاقة الرسوميات هذه النواة:',
    broken: 'تعذّر تشغيلها:',
    silent: 'لم يصل شيء طوال دقيقة فأُنهي التشغيل. جرّب حجمًا أصغر.',
  },
  sources: {
    title: 'اقرأها وتحقق منا',
    note: 'من هذه الملفات بُنيت هذه الصفحة.',
    composed: (made, by) =>
      `${leftToRight(made)} هو ما يصنعه ${leftToRight(by)} للحجم الصغير؛ ولغيره من الأجهزة والأحجام نص آخر.`,
    roles: {
      shader: `النواة (${leftToRight('WGSL')})`,
      reference: 'المرجع',
      test: 'الاختبارات',
      manifest: 'ما تقوله عن نفسها',
      other: 'ما يرافقها',
    },
    file: (name) => `نص ${apart(name)}`,
    save: 'احفظ هذا الملف',
    missing: 'لا يوجد ملف بهذا الاسم.',
    notLoaded: 'تعذّر تحميل الملف.',
  },
};
