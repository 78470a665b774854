/**
 * The language of the pages: the visitor's choice, else the first of the browser's languages that there is.
 *
 * English comes with the page, others when they are wanted. Until one is there, and where it cannot be had, the page
 * says what it says in English.
 */
import { assert } from '../../../shared/result.ts';
import { en, type Words } from './en.ts';
import type { InnerWords } from './enInner.ts';
import { firstKnown, isCode, type LanguageCode } from '../../state/languages.ts';

interface Loader {
  readonly words: () => Promise<Words>;
  /** What pages beside the first one say. */
  readonly inner: () => Promise<InnerWords>;
}

const LOADERS: Readonly<Record<LanguageCode, Loader>> = {
  en: {
    words: () => Promise.resolve(en),
    inner: async () => (await import('./enInner.ts')).enInner,
  },
  de: {
    words: async () => (await import('./de.ts')).de,
    inner: async () => (await import('./deInner.ts')).deInner,
  },
  es: {
    words: async () => (await import('./es.ts')).es,
    inner: async () => (await import('./esInner.ts')).esInner,
  },
  ar: {
    words: async () => (await import('./ar.ts')).ar,
    inner: async () => (await import('./arInner.ts')).arInner,
  },
};
const KEY = 'idlewave:language';

class Language {
  code = $state<LanguageCode>('en');
  words = $state.raw<Words>(en);
  #inner = $state.raw<InnerWords | null>(null);
  #wantsInner = false;
  /** The latest choice counts, however long an earlier one takes to load. */
  #wanted: LanguageCode = 'en';

  /** For what is shown behind `openInner` only. */
  get inner(): InnerWords {
    assert(this.#inner !== null, 'words of an inner page are read before openInner() ended');
    return this.#inner;
  }

  /** Takes the visitor's language; to be called once, when the page begins. */
  async begin(): Promise<void> {
    await this.#take(readChoice() ?? firstKnown(navigator.languages));
  }

  async choose(code: LanguageCode): Promise<void> {
    try {
      localStorage.setItem(KEY, code);
    } catch {
      // A browser that keeps nothing asks its own settings again next time.
    }
    await this.#take(code);
  }

  /** Resolves when `inner` is there; rejects where it cannot be loaded. */
  async openInner(): Promise<void> {
    this.#wantsInner = true;
    while (this.#inner === null) {
      const { code } = this;
      const inner = await LOADERS[code].inner();
      // Another language may have been taken meanwhile.
      if (code === this.code) this.#inner ??= inner;
    }
  }

  async #take(code: LanguageCode): Promise<void> {
    this.#wanted = code;
    try {
      const loader = LOADERS[code];
      const words = await loader.words();
      const inner = this.#wantsInner ? await loader.inner() : null;
      if (this.#wanted !== code) return;
      this.words = words;
      this.#inner = inner;
      this.code = code;
    } catch {
      return;
    }
    document.documentElement.lang = code;
    document.documentElement.dir = this.words.direction;
  }
}

export const language = new Language();

function readChoice(): LanguageCode | null {
  try {
    const code = localStorage.getItem(KEY);
    return isCode(code) ? code : null;
  } catch {
    return null;
  }
}
