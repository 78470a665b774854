/** Counted nouns in Arabic: one and two are words, three to ten take the plural, more the singular. */
import { figures } from './figures.ts';

interface Noun {
  readonly one: string;
  /** As a subject, and after a preposition or verb. */
  readonly two: string;
  readonly ofTwo: string;
  readonly few: string;
  readonly many: string;
  readonly other: string;
}

function said(number: number, { one, two, few, many, other }: Omit<Noun, 'ofTwo'>): string {
  const digits = figures.count(number);
  return figures.plural(number, {
    one,
    two,
    few: `${digits} ${few}`,
    many: `${digits} ${many}`,
    other: `${digits} ${other}`,
  });
}

/** `counted(ITEMS)(5)`: `5 عناصر`. */
const counted =
  (noun: Noun) =>
  (number: number): string =>
    said(number, noun);

/** After a preposition, or as an object. */
const ofCounted =
  (noun: Noun) =>
  (number: number): string =>
    said(number, { ...noun, two: noun.ofTwo });

const ITEMS: Noun = {
  one: 'عنصر واحد',
  two: 'عنصران',
  ofTwo: 'عنصرين',
  few: 'عناصر',
  many: 'عنصرًا',
  other: 'عنصر',
};

const DAYS: Noun = {
  one: 'يوم واحد',
  two: 'يومان',
  ofTwo: 'يومين',
  few: 'أيام',
  many: 'يومًا',
  other: 'يوم',
};

const VOLUNTEERS: Noun = {
  one: 'متطوّع واحد',
  two: 'متطوّعان',
  ofTwo: 'متطوّعَين',
  few: 'متطوّعين',
  many: 'متطوّعًا',
  other: 'متطوّع',
};

const MEMBERS: Noun = {
  one: 'عضو واحد',
  two: 'عضوان',
  ofTwo: 'عضوين',
  few: 'أعضاء',
  many: 'عضوًا',
  other: 'عضو',
};

const ENTRIES: Noun = {
  one: 'قيد واحد',
  two: 'قيدان',
  ofTwo: 'قيدين',
  few: 'قيود',
  many: 'قيدًا',
  other: 'قيد',
};

const CREDITS: Noun = {
  one: 'نقطة واحدة',
  two: 'نقطتان',
  ofTwo: 'نقطتين',
  few: 'نقاط',
  many: 'نقطة',
  other: 'نقطة',
};

const MINUTES: Noun = {
  one: 'دقيقة واحدة',
  two: 'دقيقتان',
  ofTwo: 'دقيقتين',
  few: 'دقائق',
  many: 'دقيقة',
  other: 'دقيقة',
};

const SECONDS: Noun = {
  one: 'ثانية واحدة',
  two: 'ثانيتان',
  ofTwo: 'ثانيتين',
  few: 'ثوانٍ',
  many: 'ثانية',
  other: 'ثانية',
};

const BATCHES: Noun = {
  one: 'دفعة واحدة',
  two: 'دفعتان',
  ofTwo: 'دفعتين',
  few: 'دفعات',
  many: 'دفعة',
  other: 'دفعة',
};

const PIECES: Noun = {
  one: 'جزء واحد من العمل',
  two: 'جزآن من العمل',
  ofTwo: 'جزأين من العمل',
  few: 'أجزاء من العمل',
  many: 'جزءًا من العمل',
  other: 'جزء من العمل',
};

export const items = counted(ITEMS);
export const ofItems = ofCounted(ITEMS);
export const days = counted(DAYS);
export const ofDays = ofCounted(DAYS);
export const volunteers = counted(VOLUNTEERS);
export const ofMembers = ofCounted(MEMBERS);
export const entries = counted(ENTRIES);
export const ofEntries = ofCounted(ENTRIES);
export const credits = counted(CREDITS);
export const ofMinutes = ofCounted(MINUTES);
export const ofSeconds = ofCounted(SECONDS);
export const batches = counted(BATCHES);
export const ofPieces = ofCounted(PIECES);
