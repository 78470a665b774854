/** The first page in Arabic. */
import type { Words } from '../en.ts';
import { apart, leftToRight } from '../figures.ts';
import { figures } from './figures.ts';
import { ofItems, ofSeconds } from './nouns.ts';

const { count, plural } = figures;

export const invitation: Words['invitation'] = {
  idea: 'أعِر علامة التبويب هذه لحاسوب مشترك.',
  lead: 'ينشر الناس أعمالًا أكبر من طاقة جهاز واحد. يحسب متصفحك جزءًا منها، ويتحقق منه متصفح شخص آخر، وتُحتسب لك نقاط على ما كان صحيحًا. لا شيء يُثبَّت، ولا حاجة إلى التسجيل.',
  earned: (credits) => `كسبتَ ${credits} نقطة في هذه الزيارة.`,
  start: 'ابدأ الحساب',
  remember: 'البدء تلقائيًا عند عودتي إلى هذه الصفحة',
};

export const promises: Words['promises'] = {
  title: 'ما الذي يحدث عندما تبدأ',
  answers: [
    {
      question: 'ما الذي يعمل',
      answer:
        'الرياضيات فقط: نوى WebGPU فُحصت قبل أن تصل إلى هنا، ونماذج ONNX. هي بيانات وليست نصوصًا برمجية أبدًا، ولا يمكنها رؤية ملفاتك ولا علامات تبويبك الأخرى ولا شبكتك.',
    },
    {
      question: 'إلى متى',
      answer:
        'إلى أن توقفه مؤقتًا أو نهائيًا أو تغلق علامة التبويب. يستخدم بطاقة الرسوميات أو نواة واحدة من المعالج، ويعيد العمل غير المكتمل لحظة مغادرتك.',
    },
    {
      question: 'ما الذي يُرسَل',
      answer: `النتائج وسرعة وصولها، إلى هذا الموقع وحده. يمثّلك مفتاح يُنشأ في هذا المتصفح: لا اسم ما لم تذكره، ولا بريد إلكتروني. تُنزَّل النماذج مرة واحدة وتُحفظ، بحد أقصى ${leftToRight('1 GiB')}.`,
    },
    {
      question: 'ما الذي تحصل عليه',
      answer:
        'نقطة واحدة عن كل تريليون عملية حسابية، بعد أن يؤكدها آخرون أو حين لا يطلب صاحب المهمة تحققًا. النتائج التي يتبيّن خطؤها لا تكسب شيئًا، أيًّا كان مرسلها.',
    },
  ],
};

export const states: Words['states'] = {
  off: { label: 'متوقف', sentence: 'لا شيء يُحسب الآن.' },
  connecting: { label: 'يتصل', sentence: 'جارٍ الاتصال بالمنسّق.' },
  offline: {
    label: 'غير متصل',
    sentence: (seconds) =>
      `لا يمكن الوصول إلى المنسّق. ستُعاد المحاولة خلال ${ofSeconds(seconds)}؛ والعمل الجاري مستمر.`,
  },
  waiting: {
    label: 'ينتظر',
    asking: 'متصل. يطلب عملًا.',
    told: (why) => `متصل. ${why}`,
  },
  preparing: { label: 'يستعد', sentence: 'يجلب ما يحتاج إليه الجزء التالي من العمل.' },
  computing: { label: 'يحسب', sentence: (job) => `يعمل على «${apart(job)}».` },
  recovering: {
    label: 'يتعافى',
    sentence: 'توقف محرّك الحساب ويُعاد تشغيله الآن. لا يضيع شيء.',
  },
  handingOver: {
    label: 'يسلّم مكانه',
    work: 'يُكمل ما بين يديه، ثم تتوقف علامة التبويب هذه.',
    route: 'يُكمل ما هو جارٍ هنا، ثم تأخذ علامة تبويب أخرى هذا المكان وتتوقف هذه.',
  },
  paused: {
    label: 'متوقف مؤقتًا',
    linked: 'لا شيء يُحسب الآن؛ وأُعيد العمل غير المكتمل.',
    unlinked: 'لا شيء يُحسب الآن، وعلامة التبويب هذه غير متصلة.',
  },
  asleep: { label: 'نائم', sentence: 'وضع المتصفح علامة التبويب هذه في السكون؛ وأُعيد العمل.' },
  elsewhere: {
    label: 'في علامة تبويب أخرى',
    sentence:
      'توجد علامة تبويب أخرى في هذا المتصفح تحسب بالفعل. واحدة تكفي: فاثنتان ستتقاسمان الجهاز نفسه. تتابع هذه حين تُغلق تلك.',
  },
  thanks: 'توقف. شكرًا على ما قدّمت.',
  stopped: 'توقف',
};

export const run: Words['run'] = {
  resumed: 'عاد إلى الحساب تلقائيًا، كما طلبت في زيارة سابقة.',
  forget: 'لا تفعل ذلك مجددًا',
  remember: 'افعل ذلك في المرة القادمة أيضًا',
  downloading: (job) => `يُنزَّل ما تحتاج إليه «${apart(job)}». ويُحفظ للمرة القادمة.`,
  itemsDone: (done, total) => `${count(done)} من ${ofItems(total)}`,
  pieceOf: (job) => `هذا الجزء من ${apart(job)}`,
  rate: 'عنصر في الثانية',
  items: 'العناصر المحسوبة',
  credits: 'النقاط',
  checked: 'تحقق منها آخرون',
  engine: 'محرّك الحساب.',
  refused: (why) => `لم تُقبل إحدى النتائج: ${why}`,
  pause: 'إيقاف مؤقت',
  resume: 'متابعة',
  stop: 'إيقاف',
  stopNow: 'إيقاف فوري',
  goOn: 'المتابعة الآن',
  break: 'إيقاف مؤقت لساعة',
  stay: 'البقاء رغم ذلك',
  handOver: 'تسليم المكان ثم التوقف',
  finish: 'الإكمال ثم التوقف',
  creditNote: {
    none: 'مقابل العمل المقبول',
    earlier: 'من زيارات سابقة',
    now: 'كلها في هذه الزيارة',
    part: (credits) => `${leftToRight(`+${credits}`)} في هذه الزيارة`,
  },
  checkedNote: {
    none: 'أجزاء من العمل',
    agreed: 'كلها متفقة',
    disagreed: (reports) =>
      plural(reports, {
        one: 'واحد غير متفق',
        two: 'اثنان غير متفقين',
        other: `${count(reports)} غير متفقة`,
      }),
    unchecked: (reports) =>
      plural(reports, {
        one: 'واحد دون تحقق',
        two: 'اثنان دون تحقق',
        other: `${count(reports)} دون تحقق`,
      }),
    both: (first, second) => `${first}، ${second}`,
  },
  chunks: {
    from: (megabytes) => `من النماذج، جاء ${megabytesText(megabytes)} من علامات تبويب أخرى.`,
    to: (megabytes) => `من النماذج، ذهب ${megabytesText(megabytes)} إلى علامات تبويب أخرى.`,
    both: (from, to) =>
      `من النماذج، جاء ${megabytesText(from)} من علامات تبويب أخرى، وذهب ${megabytesText(to)} إليها.`,
  },
  account: 'حسابك',
  keepSafe: 'لديك نقاط الآن: حافظ عليها',
};

function megabytesText(megabytes: number): string {
  return `${count(megabytes)} ميغابايت`;
}
