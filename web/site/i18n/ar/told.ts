/** What is said in English from afar, in Arabic. */
import type { Told } from '../toldSentences.ts';

export const told: Told = {
  'There is no work just now.': 'لا يوجد عمل في هذه اللحظة.',
  'This device failed several times in a row and rests a little before it tries again.':
    'فشل هذا الجهاز عدة مرات متتالية، وهو يستريح قليلًا قبل أن يحاول من جديد.',
  'This device gave up finished work several times in a row just before handing it in. It is given nothing for {0} minutes; what it has earned stays.':
    'تخلّى هذا الجهاز عدة مرات متتالية عن عمل منجز قبيل تسليمه. لن يُعطى شيئًا لمدة {0} دقيقة؛ وما كسبه يبقى له.',
  'Results of this device were found wrong again and again, so it is given nothing more of this.':
    'تبيّن مرارًا أن نتائج هذا الجهاز خاطئة، لذلك لن يُعطى المزيد من هذا العمل.',
  'Devices with this graphics driver get this program wrong, so none of them is given it for now. It is the driver and not you: nothing that was verified is lost, and other work goes on.':
    'الأجهزة التي تستخدم برنامج تشغيل الرسوميات هذا تخطئ في هذا البرنامج، لذلك لا يُعطى لأيٍّ منها حاليًا. السبب برنامج التشغيل لا أنت: لا يضيع شيء ممّا تم التحقق منه، والعمل الآخر مستمر.',
  'The work that is open is not what you have chosen. What fits is given to you as soon as it is posted.':
    'العمل المفتوح ليس مما اخترته. وما يناسب اختيارك تُعطاه لحظة نشره.',
  'The work that is open needs more than this device offers.':
    'العمل المتاح يحتاج إلى أكثر ممّا يوفّره هذا الجهاز.',
  'Your part of the open work is done. It now waits for a second contributor to check it.':
    'أنجزتَ نصيبك من العمل المتاح. وهو ينتظر الآن شخصًا ثانيًا ليتحقق منه.',
  'Several devices of your network are new here. A few at a time are tried first; yours comes next.':
    'عدة أجهزة من شبكتك جديدة هنا. تُجرَّب أولًا بضعة أجهزة في كل مرة؛ ودور جهازك هو التالي.',
  '{0} takes {1} ms an item here, {2} {3} ms.':
    'يستغرق {0} هنا {1} ملّي ثانية لكل عنصر، و{2} يستغرق {3} ملّي ثانية.',
  '{0} is what this device has for this program.': '{0} هو المتاح لهذا البرنامج على هذا الجهاز.',
  'WASM: this device’s WebGPU is software, where WASM is 10 to 200 times faster.':
    'WASM: يعمل WebGPU على هذا الجهاز بالبرمجيات فقط، وفي هذه الحالة يكون WASM أسرع بما بين 10 و200 مرة.',
  '“{0}” failed here: {1}.': 'فشل «{0}» هنا: {1}.',
  'Accepted unchecked: the job asks for one report.': 'قُبل دون تحقق: تطلب المهمة تقريرًا واحدًا فقط.',
  'Agreed with the quorum.': 'اتفق مع الأغلبية.',
  'The referee agreed with it.': 'اتفق معه الحَكَم.',
  'The results were committed to, and never handed in.': 'جرى الالتزام بالنتائج ولم تُسلَّم قط.',
  'No report came before the lease ended: another host computed it.':
    'لم يصل تقرير قبل انتهاء المهلة: حسبه جهاز آخر.',
  'Its stage was right, another of the route was not.':
    'كانت مرحلته صحيحة، لكن مرحلة أخرى من المسار لم تكن كذلك.',
  'Taken back: other items of this contributor were found wrong.':
    'سُحب: تبيّن أن عناصر أخرى للشخص نفسه خاطئة.',
  'Secret samples of its items, and at least {0} of its contributor’s, agreed with others or with the referee.':
    'اتفقت عيّنات سرّية من عناصره، وما لا يقل عن {0} من عيّنات الشخص نفسه، مع نتائج الآخرين أو مع الحَكَم.',
  'Every output was checked: each row by {0} secret projections, which an error of 100 times their threshold escapes with a probability of at most 1e-8.':
    'جرى التحقق من كل مُخرَج: كل صف بعدد {0} من الإسقاطات السرّية، واحتمال أن يفلت منها خطأ يبلغ 100 ضعف عتبتها لا يتجاوز 1e-8.',
  'Each stage committed to what it received and to what it computed; secretly drawn items of each, and at least {0} of its contributor’s, agreed with the referee.':
    'التزمت كل مرحلة بما تسلّمته وبما حسبته؛ واتفقت عناصر اختيرت سرًّا من كل مرحلة، وما لا يقل عن {0} من عناصر الشخص نفسه، مع الحَكَم.',
  'Nothing was checked.': 'لم يُتحقَّق من أي شيء.',
  'All {0} items of {1} unrelated volunteers’ reports were compared ({2}): they agreed.':
    'جرت مقارنة كل العناصر ({0}) في تقارير متطوّعين لا صلة بينهم، وعددهم {1} ({2}): فاتفقت.',
  'With it came secret items of {0} reports: {1} were held against them and agreed.':
    'جاءت معه عناصر سرّية من تقارير متطوّعين آخرين: قورن {1} منها بتلك التقارير فاتفقت.',
  'The coordinator’s referee recomputed {0} of its {1} items, chosen in secret: they agreed.':
    'أعاد حَكَم المنسّق حساب {0} من أصل {1} من عناصره، اختيرت سرًّا: فاتفقت.',
  'Nothing of it was checked when it came.': 'لم يُتحقَّق من أي شيء منه عند وصوله.',
  'By the time it was final, {0} of its {1} items had a second opinion that agreed, and {2} checks in a row of its volunteer’s items had found nothing wrong.':
    'حين صار نهائيًا، كان لعدد {0} من أصل {1} من عناصره رأي ثانٍ متفق معها، ولم يجد {2} من الفحوص المتتالية لعناصر الشخص نفسه أي خطأ.',
  'The coordinator does not answer as it should: {0}.': 'لا يجيب المنسّق كما ينبغي: {0}.',
  'Try again in a moment.': 'حاول مجددًا بعد لحظات.',
  'This device was removed from its account, or the account was deleted.':
    'أُزيل هذا الجهاز من حسابه، أو حُذف الحساب.',
  'Begin anew on this device: it gets a new key, which can be linked again.':
    'ابدأ من جديد على هذا الجهاز: سيحصل على مفتاح جديد يمكن ربطه مرة أخرى.',
  'This device belongs to an account already.': 'هذا الجهاز مرتبط بحساب بالفعل.',
  'Remove it there first; it then begins anew and can be linked.':
    'أزِله من هناك أولًا؛ ثم يبدأ من جديد ويمكن ربطه.',
  'This device’s own account has other devices.': 'للحساب الخاص بهذا الجهاز أجهزة أخرى.',
  'Link those devices to the other account one by one, or remove them here first.':
    'اربط تلك الأجهزة بالحساب الآخر واحدًا تلو الآخر، أو أزِلها من هنا أولًا.',
  'The account has as many devices as it may.': 'بلغ الحساب أقصى عدد مسموح من الأجهزة.',
  'Remove one that is not used any more.': 'أزِل جهازًا لم يعد مستخدمًا.',
  'The account of this code was deleted.': 'حُذف الحساب صاحب هذا الرمز.',
  'This is the account’s last device: nobody could use the account any more.':
    'هذا آخر جهاز في الحساب: لن يتمكن أحد من استخدام الحساب بعد ذلك.',
  'Link another device first, or delete the account.': 'اربط جهازًا آخر أولًا، أو احذف الحساب.',
  'No account has this recovery phrase.': 'لا يوجد حساب له عبارة الاسترداد هذه.',
  'Check the words and their order; a newer phrase replaces an older one.':
    'تحقّق من الكلمات وترتيبها؛ فالعبارة الأحدث تحلّ محل الأقدم.',
  'Expected {0} words, came {1}.': 'المتوقَّع {0} كلمة، والوارد {1}.',
  'Not on the list of words: {0}. Look for a slip of the pen.':
    'ليست في قائمة الكلمات: {0}. ابحث عن خطأ في الكتابة.',
  'These words do not belong together: a word is wrong, or two changed places.':
    'هذه الكلمات لا تتوافق معًا: إحداها خاطئة، أو تبادلت كلمتان موضعيهما.',
  'There is no such team, or it was dissolved.': 'لا يوجد فريق كهذا، أو أنه حُلّ.',
  'Another team has this name, or one that differs only in capitals or letter forms.':
    'لفريق آخر هذا الاسم، أو اسم لا يختلف عنه إلا في حالة الأحرف أو أشكالها.',
  'Choose another name.': 'اختر اسمًا آخر.',
  'More would be shared than is earned.': 'سيكون ما يُشارَك أكثر ممّا يُكسَب.',
  'Give one of them less.': 'أعطِ أحدهما أقل.',
  'The coordinator answers with {0}.': 'يجيب المنسّق بالرمز {0}.',
  'The answer cannot be read.': 'تعذّرت قراءة الإجابة.',
};
