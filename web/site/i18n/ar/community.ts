/** Teams, shares and gifts, in Arabic. */
import type { InnerWords } from '../enInner.ts';
import { apart, leftToRight } from '../figures.ts';
import { figures } from './figures.ts';
import { ofMembers } from './nouns.ts';

const { count, percent } = figures;

const ACCOUNTS = `متطوّع (${leftToRight('c_…')}) أو فريق (${leftToRight('team_…')}) أو مفتاح صاحب مهام (${leftToRight('key_…')})`;

export const community: InnerWords['community'] = {
  teamTitle: 'فريقك',
  noTeam:
    'يجمع الفريق ما يختار أعضاؤه تقديمه له. لست في أي فريق، ولست بحاجة إليه. ويمكن للجميع رؤية أعضاء أي فريق.',
  pick: 'الفريق',
  pickNone: 'اختر فريقًا',
  code: 'رمز الدعوة (من مؤسّس الفريق)',
  joinDo: 'انضمام',
  noTeams: 'لا توجد فرق هنا بعد.',
  found: 'تأسيس فريق',
  foundNeeds: 'يمكنك تأسيس فريق بعد أن يتبيّن أن بعض عملك صحيح.',
  name: 'اسم الفريق (يمكن للجميع قراءته)',
  rule: 'من يحق له الانضمام',
  ruleOpen: 'الجميع',
  ruleCode: 'من لديه رمز دعوتي',
  most: 'أقصى عدد من الأعضاء',
  foundDo: 'تأسيس الفريق',
  leave: 'مغادرة الفريق',
  share: 'حصة الفريق ممّا تكسبه',
  shareNote: 'نسب مئوية صحيحة من العمل الذي يُسلَّم إليك من الآن. 0 لا يعطي شيئًا.',
  shareDo: 'حفظ الحصة',
  shareDone: 'حُفظت. تسري على العمل الذي يُسلَّم إليك من الآن.',
  founder: 'أنت مؤسّسه',
  rulesDo: 'حفظ القواعد',
  newCode: 'إنشاء رمز جديد',
  handOver: (who) => `تسليمه إلى ${apart(who)}`,
  handOverDo: 'تسليم',
  remove: 'إزالة',
  removeWho: (who) => `إزالة ${apart(who)}`,
  dissolve: 'حلّ الفريق…',
  dissolveDo: 'حلّه نهائيًا',
  dissolveNote: 'ينتهي الفريق لكل أعضائه. وما تبقى لديه يعود إليك.',
  keep: 'الاحتفاظ به',
  giveTitle: 'إهداء النقاط',
  giveNote: 'لا يمكن إهداء إلا النقاط النهائية. وهي تذهب فورًا، ولا يستطيع إعادتها إلا من تسلّمها.',
  giveFrom: 'من',
  giveOwn: 'حسابك',
  giveTeam: 'حساب فريقك',
  giveTo: 'إلى',
  giveToNote: ACCOUNTS,
  giveToWrong: `إلى: ${ACCOUNTS}.`,
  giveAmount: 'النقاط',
  giveAmountWrong: (least, most) => `النقاط: ${leftToRight(`${least} – ${most}`)}.`,
  giveDo: 'إهداء',
  giveConfirm: 'تأكيد الإهداء',
  given: (credits, to) => `أُهديت ${credits} نقطة إلى ${apart(to)}.`,
  siteTitle: 'الموقع الذي جئت منه',
  siteUnknown: 'الرابط الذي تبعته يذكر موقعًا غير مسجّل هنا. لا يُشارَك معه أي شيء.',
  siteAsks: (name, share) =>
    `يطلب ${apart(name)} نسبة ${percent(share / 100)} ممّا تكسبه هنا. لا يُشارَك شيء قبل موافقتك؛ ويمكنك اختيار أقل أو أكثر أو 0.`,
  siteDo: 'حفظ الحصة',
  siteShare: 'حصة ممّا تكسبه أثناء مجيئك منه',
  teamLine: (name, members, most) => `${apart(name)}، ${count(members)} من ${ofMembers(most)}`,
  teamLineByCode: (name, members, most) =>
    `${apart(name)}، ${count(members)} من ${ofMembers(most)}، برمز دعوة`,
  teamState: (members, most, credits) =>
    `${count(members)} من ${ofMembers(most)}. لدى الفريق ${credits} نقطة.`,
};
