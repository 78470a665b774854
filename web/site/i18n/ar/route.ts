/** A place on a route, in Arabic. */
import type { Words } from '../en.ts';
import { apart, leftToRight } from '../figures.ts';
import { batches as countedBatches } from './nouns.ts';

const range = (first: number, last: number): string => leftToRight(`${first}–${last}`);

export const route: Words['route'] = {
  title: 'نموذج واحد على عدة علامات تبويب',
  stages: 'المراحل',
  stage: (stage) => `المرحلة ${stage}`,
  stageRange: (first, last) => `المراحل ${range(first, last)}`,
  inputs: 'المُدخلات',
  results: 'النتائج',
  coordinator: 'المنسّق',
  otherTab: 'علامة تبويب أخرى',
  thisTab: 'علامة التبويب هذه',
  held: (batches) => `${countedBatches(batches)} هنا`,
  holdsAll: (stages, job) => `تنفّذ علامة التبويب هذه كل مراحل «${apart(job)}»، وعددها ${stages}.`,
  holdsOne: (stage, of, job) =>
    `تنفّذ علامة التبويب هذه المرحلة ${stage} من أصل ${of} في «${apart(job)}».`,
  holdsRange: (first, last, of, job) =>
    `تنفّذ علامة التبويب هذه المراحل ${range(first, last)} من أصل ${of} في «${apart(job)}».`,
  fromCoordinator: 'تأتي مُدخلاتها من المنسّق.',
  toCoordinator: 'ما تحسبه هو النتيجة، ويذهب إلى المنسّق.',
  fromStage: (stage) => `تتسلّم من علامة التبويب صاحبة المرحلة ${stage}`,
  toStage: (stage) => `ترسل إلى علامة التبويب صاحبة المرحلة ${stage}`,
  unknown: (what) => `${what}؛ وستُعرف بعد لحظة.`,
  notReached: (what, how) => `${what}: ${how}.`,
  reached: (what, how, numbers) => `${what}، ${how} (${numbers}).`,
  roundTrip: (ms) => leftToRight(`${ms} ms`),
  soFar: (bytes) => `${bytes} حتى الآن`,
  roundTripAndSoFar: (ms, bytes) => `${leftToRight(`${ms} ms`)} ذهابًا وإيابًا، و${bytes} حتى الآن`,
  heldNone: 'لا شيء ينتظر هنا.',
  heldSome: (batches) => `هنا ${countedBatches(batches)} من التنشيطات.`,
  leaving:
    'لا يبدأ شيء جديد على هذا المسار. حين ينتهي ما هو جارٍ، تأخذ علامة تبويب أخرى هذا المكان.',
  staying:
    'الإيقاف أو الإيقاف المؤقت يُخلي هذا المكان فورًا، ويُعاد حساب ما هو جارٍ. أما تسليم المكان فيستغرق بضع ثوانٍ، ولا يضيع شيء.',
  paths: {
    connecting: { label: 'يتصل', how: 'يُنشأ الاتصال الآن' },
    direct: { label: 'مباشر', how: 'مباشرة من متصفح إلى متصفح' },
    turn: { label: 'TURN', how: 'عبر خادم TURN لا يستطيع قراءتها' },
    relayed: { label: 'مُرحَّل', how: 'عبر المنسّق، إذ لم يُعثر على طريق مباشر' },
    broken: { label: 'مقطوع', how: 'انقطع الاتصال؛ ويجري البحث عن آخر' },
  },
};
