/**
 * `widget.js`: defines `<idlewave-widget>` on a page that is not ours. It makes one iframe of the coordinator that this
 * script came from, tells it how to look, and passes what it says on as events.
 *
 * Invariant: besides the element the page gets nothing: no global, no style, no request but the iframe, no timer but
 * one. What the iframe says is believed only from its own window, of its own origin, in the form of `messages.ts`.
 */
import {
  enveloped,
  oneOf,
  readFrameMessage,
  THEMES,
  WIDGET_SIZES,
  type Theme,
  type WidgetSize,
} from '../messages.ts';

const ELEMENT = 'idlewave-widget';
const ORIGIN = new URL(import.meta.url).origin;
/** A frame that said nothing for so long is not coming: what the author wrote inside of the element is shown. */
const PATIENCE_MS = 10_000;
/** A page that is never idle has the frame after so long all the same. */
const IDLE_MS = 500;
const MAX_ID_CHARS = 100;

/** Of the frame; the height is kept free until it says its own. Pixels: pages choose what a `rem` is. */
const BOXES: Readonly<Record<WidgetSize, readonly [widthPx: number, heightPx: number]>> = {
  badge: [272, 58],
  small: [272, 270],
  medium: [352, 342],
  large: [544, 330],
};

const STYLE = `
:host { display: inline-block; max-inline-size: 100%; vertical-align: top; }
:host([hidden]) { display: none; }
iframe { display: block; border: 0; inline-size: var(--idlewave-width); max-inline-size: 100%; }
slot { display: none; }
:host([data-state=unavailable]) slot { display: block; }
`;

class IdlewaveWidget extends HTMLElement {
  static readonly observedAttributes = ['site', 'size', 'theme'];

  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #frame = document.createElement('iframe');
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)');
  #connected: AbortController | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    const frame = this.#frame;
    frame.title = 'Idlewave';
    // Popups: an explanation, and a confirmation where the browser cannot tell whether the frame is seen.
    frame.setAttribute(
      'sandbox',
      'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox',
    );
    // To go easy on a busy device; nothing else is asked for.
    frame.allow = `compute-pressure ${ORIGIN}`;
    frame.referrerPolicy = 'no-referrer';
    this.#root.append(frame, document.createElement('slot'));
  }

  connectedCallback(): void {
    this.#connected = new AbortController();
    const { signal } = this.#connected;
    addEventListener('message', (event) => this.#hear(event), { signal });
    this.#scheme.addEventListener('change', () => this.#look(), { signal });
    // A page that changes its own scheme does so by an attribute of its root.
    const root = new MutationObserver(() => this.#look());
    root.observe(document.documentElement, { attributes: true });
    signal.addEventListener('abort', () => root.disconnect());
    // The page's own beginning comes first; making a frame takes a browser some milliseconds.
    whenIdle(() => {
      if (!signal.aborted) this.#load();
    });
  }

  disconnectedCallback(): void {
    this.#connected?.abort();
    this.#connected = null;
    clearTimeout(this.#patience);
    this.#frame.removeAttribute('src');
  }

  attributeChangedCallback(name: string): void {
    if (this.#connected === null || !this.#frame.hasAttribute('src')) return;
    if (name === 'site') this.#load();
    else this.#look();
  }

  get #size(): WidgetSize {
    return oneOf(WIDGET_SIZES, this.getAttribute('size')) ?? 'medium';
  }

  /** What the author chose; else what the page declares itself to be; else what the visitor prefers. */
  get #theme(): Theme {
    const chosen = oneOf(THEMES, this.getAttribute('theme'));
    if (chosen !== null) return chosen;
    const declared = getComputedStyle(this).colorScheme.split(' ');
    const [light, dark] = [declared.includes('light'), declared.includes('dark')];
    if (light !== dark) return dark ? 'dark' : 'light';
    return this.#scheme.matches ? 'dark' : 'light';
  }

  #load(): void {
    const site = (this.getAttribute('site') ?? '').slice(0, MAX_ID_CHARS);
    const [size, theme] = [this.#size, this.#theme];
    // The server believes none of it: browsers hold what it answers against where the frame really is.
    const query = new URLSearchParams({ site, from: self.origin, size, theme });
    const { lang: language } = this.closest<HTMLElement>('[lang]') ?? document.documentElement;
    if (language) query.set('language', language.slice(0, MAX_ID_CHARS));
    this.#frame.src = `${ORIGIN}/widget/?${query.toString()}`;
    this.#frame.style.height = `${BOXES[size][1]}px`;
    this.#dress(size, theme);
    this.dataset['state'] = 'loading';
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      this.dataset['state'] = 'unavailable';
      this.dispatchEvent(new CustomEvent('unavailable', { bubbles: true }));
    }, PATIENCE_MS);
  }

  #dress(size: WidgetSize, theme: Theme): void {
    const { style } = this.#frame;
    style.setProperty('--idlewave-width', `${BOXES[size][0]}px`);
    // The same as inside, or the browser paints a ground behind it.
    if (style.colorScheme !== theme) style.colorScheme = theme;
  }

  #look(): void {
    const [size, theme] = [this.#size, this.#theme];
    this.#dress(size, theme);
    this.#frame.contentWindow?.postMessage(enveloped({ type: 'look', size, theme }), ORIGIN);
  }

  #hear({ source, origin, data }: MessageEvent): void {
    if (source === null || source !== this.#frame.contentWindow || origin !== ORIGIN) return;
    const message = readFrameMessage(data);
    if (message === null) return;
    const { type, ...detail } = message;
    switch (type) {
      case 'ready':
        clearTimeout(this.#patience);
        this.dataset['state'] = 'ready';
        this.#look();
        return;
      case 'resize':
        this.#frame.style.height = `${(detail as { height: number }).height}px`;
        return;
      default:
        this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
    }
  }
}

/** Safari has no idle callbacks. */
function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: IDLE_MS });
  else setTimeout(work);
}

// A page may have the script twice.
if (customElements.get(ELEMENT) === undefined) customElements.define(ELEMENT, IdlewaveWidget);
