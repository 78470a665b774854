/**
 * What a browser tells of how the frame is seen and pointed at, put into a `StartGate`.
 *
 * Sight is Intersection Observer v2 where there is one (Chromium): it also knows what covers, fades or transforms the
 * frame in the page around it, which nothing else here can see. Invariant: holds no decision of its own.
 */
import { MIN_HEIGHT_PX, MIN_WIDTH_PX, STILL_SEEN_MS, StartGate, type Click } from './startGate.ts';

/** The shortest that browsers take. */
const SIGHT_DELAY_MS = 100;
const RATIOS = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];

/** What TypeScript's DOM does not know yet. */
type Entry2 = IntersectionObserverEntry & { readonly isVisible?: boolean };
type Init2 = IntersectionObserverInit & { trackVisibility?: boolean; delay?: number };

/** Can this browser tell that nothing hides the frame? */
export const tellsSight = (): boolean =>
  typeof IntersectionObserverEntry !== 'undefined' &&
  'isVisible' in IntersectionObserverEntry.prototype;

const OPTIONS: Init2 = { threshold: RATIOS, trackVisibility: true, delay: SIGHT_DELAY_MS };

export interface Seen {
  readonly ratio: number;
  readonly isVisible: boolean | undefined;
  /** False where the page around it gives it no room at all: `display: none`. */
  readonly hasBox: boolean;
}

/** Calls at every change; the result ends it. */
export function watchSight(
  card: Element,
  onChange: (seen: Seen, atMs: number) => void,
): () => void {
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries as Entry2[]) {
      const isVisible = tellsSight() ? entry.isVisible : undefined;
      const hasBox = entry.boundingClientRect.width > 0;
      onChange({ ratio: entry.intersectionRatio, isVisible, hasBox }, entry.time);
    }
  }, OPTIONS);
  observer.observe(card);
  return () => {
    observer.disconnect();
  };
}

/** Whether the frame is wholly seen at a look taken now, and at one taken a little later. */
export async function staysSeen(card: Element, gate: StartGate): Promise<boolean> {
  if (!(await isSeenNow(card))) return false;
  await new Promise((resolve) => setTimeout(resolve, STILL_SEEN_MS));
  return gate.isSeen && (await isSeenNow(card));
}

const isSeenNow = (card: Element): Promise<boolean> =>
  new Promise((resolve) => {
    const look = new StartGate();
    const end = watchSight(card, ({ ratio, isVisible }, atMs) => {
      look.see({ atMs, ratio, isVisible });
      end();
      resolve(look.isSeen);
    });
  });

/** Keeps the gate told of the pointer in the box, and of the button's focus; the result ends it. */
export function watchHand(card: HTMLElement, button: HTMLElement, gate: StartGate): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const aim = ({ timeStamp, screenX, screenY, clientX, clientY }: PointerEvent): void => {
    gate.aim({ atMs: timeStamp, screenX, screenY, clientX, clientY });
  };
  for (const name of ['pointerenter', 'pointermove', 'pointerdown'] as const) {
    card.addEventListener(name, aim, { signal, passive: true });
  }
  for (const name of ['pointerleave', 'pointercancel'] as const) {
    card.addEventListener(name, () => gate.lose(), { signal, passive: true });
  }
  button.addEventListener('focus', ({ timeStamp }) => gate.focus(timeStamp), { signal });
  button.addEventListener('blur', () => gate.focus(null), { signal });
  button.addEventListener('keydown', ({ repeat }) => gate.key(repeat), { signal });
  // It may have the focus already.
  if (document.activeElement === button) gate.focus(performance.now());
  return () => {
    ended.abort();
  };
}

/** A click as the gate wants to know it. */
export function clickOf(event: MouseEvent): Click {
  const { timeStamp, screenX, screenY, clientX, clientY, isTrusted, detail } = event;
  const { userActivation } = navigator as { userActivation?: { isActive: boolean } };
  const { pointerType } = event as Partial<PointerEvent>;
  return {
    atMs: timeStamp,
    screenX,
    screenY,
    clientX,
    clientY,
    isTrusted,
    detail,
    // Browsers without it have nothing to say against the click.
    isActive: userActivation?.isActive ?? true,
    // A pen may not tell where it hovers either.
    by: detail === 0 ? 'key' : pointerType === 'mouse' ? 'mouse' : 'touch',
    widthPx: innerWidth,
    heightPx: innerHeight,
  };
}

export const isLargeEnough = (): boolean =>
  innerWidth >= MIN_WIDTH_PX && innerHeight >= MIN_HEIGHT_PX;
