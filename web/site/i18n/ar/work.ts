/** Choosing work, seeing it, and what a device is ready for, in Arabic. */
import type { InnerWords } from '../enInner.ts';
import { apart } from '../figures.ts';
import { figures } from './figures.ts';
import { items, ofMinutes } from './nouns.ts';

const { count, plural } = figures;

const pieces = (number: number): string =>
  plural(number, {
    zero: 'لا أجزاء',
    one: 'جزء واحد من العمل',
    two: 'جزءان من العمل',
    few: `${count(number)} أجزاء من العمل`,
    many: `${count(number)} جزءًا من العمل`,
    other: `${count(number)} جزء من العمل`,
  });

export const wishes: InnerWords['wishes'] = {
  title: 'ماذا تحسب',
  kind: { label: 'أنواع العمل', help: 'ما يجوز أن تُعطاه علامة التبويب هذه، بدءًا من الجزء التالي.' },
  kinds: {
    any: 'نماذج ونوى',
    model: 'نماذج فقط (ONNX: صور ونصوص وأرقام)',
    kernel: 'نوى فقط (رياضيات من القائمة)',
  },
  rate: {
    label: 'هذا القدر من النقاط على الأقل لقاء العمل',
    help: 'نسبة مئوية من السعر المعلن. يمكن عرض 50 فأكثر، وأغلب المعروض 100. وفوق 100 قد لا يوجد عمل.',
  },
  authorsNot: 'أصحاب مهام استبعدتهم',
  authorsOnly: 'أصحاب المهام هؤلاء فقط',
  jobsNot: 'مهام استبعدتها',
  jobsOnly: 'هذه المهام فقط',
  takeBack: (label) => `تراجع: ${apart(label)}`,
  takeBackShort: 'تراجع',
  where: 'تُختار المهام وأصحابها واحدًا واحدًا في صفحة',
  against: {
    kind: 'لا تُعطى علامة تبويبك هذه المهمة: اخترت النوع الآخر من العمل.',
    job: 'لا تُعطى علامة تبويبك هذه المهمة: استبعدتها، أو اخترت غيرها فقط.',
    author: 'لا تُعطى علامة تبويبك هذه المهمة: استبعدت صاحبها، أو اخترت غيره فقط.',
    rate: 'لا تُعطى علامة تبويبك هذه المهمة: تعرض أقل مما تطلب.',
  },
  thisJob: 'هذه المهمة',
  thisAuthor: 'صاحب هذه المهمة',
  not: 'لا تناسبني',
  only: 'هذا فقط',
  full: (most) => `اخترت ${count(most)} من قبل: تراجع عن شيء منها في «كيف تعمل علامة التبويب هذه».`,
  rateOf: (percent) => `${apart(`${percent} %`)} من السعر المعلن`,
  pays: 'النقاط لقاء العمل',
};

export const seeing: InnerWords['seeing'] = {
  title: 'ماذا تحسب الآن',
  job: 'المهمة',
  author: 'لمن',
  nothing: 'لا شيء يعمل في هذه اللحظة.',
  choose: 'لا يناسبك هذا؟ اختر في صفحة',
  rate: 'عنصر في الثانية',
  rateLately: 'العناصر في الثانية خلال آخر دقيقتين',
  duty: 'نسبة وقت العمل',
  dutyLately: 'نسبة وقت العمل خلال آخر دقيقتين، بالمئة',
  notYet: 'لم تُقَس بعد',
  credit: 'نقاط هذه الجلسة',
  waiting: 'لم يُحسم بعد',
  about: (credits) => `نحو ${apart(credits)}`,
  final: 'احتُسبت',
  pieces,
  refused: (number) => `لم يُقبل ${pieces(number)}.`,
  refusedLink: 'اعرف السبب',
  picture: 'أحد العناصر المحسوبة هنا',
  captions: {
    digit: (digit) => `قُرئت ${count(digit)}. تقارن الأعمدة مخرجات النموذج العشرة، من 0 إلى 9.`,
    class: (outputs, output) =>
      `هذا ما دخل. عدد المخرجات ${count(outputs)}، وأكبرها رقم ${count(output)}.`,
    noFaces: 'لم يُعثر على وجه في هذه الصورة.',
    faces: (faces) =>
      plural(faces, {
        zero: 'لم يُعثر على أي وجه في هذه الصورة.',
        one: 'عُثر على وجه واحد في هذه الصورة.',
        two: 'عُثر على وجهين في هذه الصورة.',
        few: `عُثر على ${count(faces)} وجوه في هذه الصورة.`,
        many: `عُثر على ${count(faces)} وجهًا في هذه الصورة.`,
        other: `عُثر على ${count(faces)} وجه في هذه الصورة.`,
      }),
    volume: (dimensions, estimate, exact) =>
      `حجم كرة عدد أبعادها ${count(dimensions)}: ${apart(estimate)} بحسب النقاط العشوائية لهذا العنصر، و${apart(exact)} في الحقيقة.`,
    bodies: (bodies, steps) =>
      `أجسام يجذب بعضها بعضًا، عددها ${count(bodies)}، بعد خطوات عددها ${count(steps)}. تبيّن الخطوط من أين أتى كل جسم.`,
  },
};

export const session: InnerWords['session'] = {
  title: 'هذه الجلسة',
  time: 'وقت العمل',
  items: 'العناصر المحسوبة',
  credits: 'النقاط',
  undecided: (credits) => `ونحو ${apart(credits)} لم تُحسم بعد`,
  decided: 'لم يبق منها شيء معلّق',
  forWhom: 'لمن',
  of: items,
  more: (jobs) =>
    plural(jobs, {
      zero: 'ولا مهام أخرى',
      one: 'ومهمة أخرى',
      two: 'ومهمتان أخريان',
      few: `و${count(jobs)} مهام أخرى`,
      many: `و${count(jobs)} مهمة أخرى`,
      other: `و${count(jobs)} مهمة أخرى`,
    }),
  all: 'كل سطر منها في',
  share: 'شارك صورة عن هذا',
  saved: 'حُفظت الصورة.',
  failed: 'لم يستطع هذا المتصفح صنع الصورة.',
  cardTitle: 'أعرتُ علامة تبويب لحاسوب مشترك.',
  cardItems: (number) => `العناصر المحسوبة: ${count(number)}`,
  cardTime: (time) => `في ${apart(time)}`,
  cardCredits: (credits) => `${apart(credits)} من النقاط لقاء ما قُبل`,
  cardFor: (names) => `من أجل ${apart(names)}`,
};

export const ready: InnerWords['ready'] = {
  title: 'جاهز للعمل؟',
  lead: 'ما الذي يستطيع هذا الجهاز تنفيذه، وأي المهام المفتوحة تناسبه، وكيف تنقل إعداداتك إلى جهاز آخر. النظر لا يحسب شيئًا.',
  looking: 'يجري النظر في هذا الجهاز …',
  noWorker: 'لا يستطيع هذا المتصفح تشغيل ما يحسب:',
  device: 'هذا الجهاز',
  adapter: 'الرسوميات',
  engines: 'المحرّكات',
  memory: 'الذاكرة لجزء واحد من العمل',
  memoryNote: 'تقدير: لا تخبر المتصفحات كم منها متاح. وحدّك أنت هو المعتبر إن وضعت حدًّا.',
  cores: 'أنوية المعالج',
  simd: 'WebAssembly مع SIMD',
  threads: 'WebAssembly مع خيوط',
  threadsNo: 'لا: تحتاج إلى صفحة معزولة عن غيرها، وهذه ليست كذلك',
  storage: 'مساحة النماذج',
  storageOf: (used, quota) => `يستعمل هذا الموقع ${used} من ${quota} على الأكثر`,
  webRtc: 'روابط بعلامات تبويب أخرى (WebRTC)',
  yes: 'نعم',
  no: 'لا',
  notTold: 'لا يخبر به هذا المتصفح',
  noGpu: 'لا محوّل يجوز لصفحة أن تستعمله',
  features: 'ميزات بطاقة الرسوميات وحدودها',
  measure: 'قِس لبضع ثوانٍ',
  measuring: 'يجري القياس …',
  measured: (gigaflops, engine) => `${apart(gigaflops)} مليار عملية في الثانية (${apart(engine)}).`,
  measureNote: 'نواة صغيرة تُحسب لك وحدك. وإن كانت علامة التبويب تحسب لغيرك الآن فكلاهما أبطأ.',
  measureFailed: 'تعذّر القياس:',
  jobs: 'المهام المفتوحة',
  jobsNote:
    'بحسب القواعد التي يوزّع بها المنسّق العمل. وهو ينظر فوق ذلك في من يجوز له أن يتحقق من غيره.',
  noJobs: 'لا توجد مهمة مفتوحة الآن.',
  fits: 'تناسب هذا الجهاز',
  misfits: {
    'no-engine': 'ليس في الجهاز محرّك ينفّذ هذا النوع من البرامج.',
    'not-enough-memory': 'يحتاج البرنامج إلى ذاكرة أكبر مما يقدّمه الجهاز.',
    'not-wished': 'اختير عمل آخر.',
  },
  link: 'خذ إعداداتك معك',
  linkNote:
    'يحمل هذا العنوان كيف ضبطتَ علامة التبويب هذه، ولا شيء عنك. ومن يفتحه يرى ما سيتغير قبل أن يتغير شيء.',
  linkName: 'عنوان فيه إعداداتك',
  linkDefault: 'تستعمل الإعدادات التي يبدأ بها الجميع، فلا يحمل العنوان شيئًا منها.',
  copy: 'انسخ العنوان',
  copied: 'نُسخ.',
  notCopied: 'لا يسمح هذا المتصفح بذلك: حدّد العنوان وانسخه بنفسك.',
  qr: 'العنوان نفسه رمزَ QR',
  tooLong: 'أكثر مما يتسع له رمز QR: اخترت مهام أو أصحاب مهام كثيرين.',
  offered: 'إعدادات في هذا العنوان',
  offeredNote: 'وضع أحدهم هذه الإعدادات في العنوان الذي فتحته. لم يتغير شيء.',
  offeredSame: 'الإعدادات في هذا العنوان هي التي عندك.',
  offeredBroken: 'لا يمكن قراءة الإعدادات في هذا العنوان. لم يتغير شيء.',
  now: 'الآن',
  then: 'بعدها',
  setting: 'الإعداد',
  take: 'استعمل هذه الإعدادات',
  keep: 'أبقِ إعداداتي',
  taken: 'صارت هذه الإعدادات لك، وتُحفظ في هذا المتصفح.',
  kept: 'لم يتغير شيء.',
  minutes: (minutes) => `بعد ${ofMinutes(minutes)}`,
  always: 'دائمًا',
  unlimited: 'دون حدّ منك',
  leastRate: (percent) => `${apart(`${percent} %`)} من السعر المعلن على الأقل`,
  not: (names) => `دون ${apart(names)}`,
  only: (names) => `${apart(names)} فقط`,
  fromJobs: 'أيّها يناسب هذا الجهاز؟',
};
