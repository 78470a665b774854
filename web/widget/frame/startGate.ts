/**
 * Whether a click in the widget is one that a person meant: the rules against pages that hide, cover or move the frame,
 * or make up the click. Pure: what the browser saw goes in, with its time; a refusal or none comes out.
 *
 * Invariant (startGate.property.test.ts): nothing but a trusted click, on a frame that was wholly seen for all of
 * `SEEN_MS` before it, by a pointer or focus that was there first, opens it.
 */
export type StartRefusal =
  /** Made by a script. */
  | 'not-a-person'
  | 'too-small'
  | 'not-seen'
  /** Seen, but only just: it may have come under the pointer. */
  | 'just-appeared'
  | 'moved'
  /** A finger is nowhere before it touches: it says so twice. */
  | 'tap-again'
  /** The second click of two, or a key that is held down: it was meant for something else. */
  | 'repeated';

/** Wholly seen for so long before a click counts: longer than a person needs to take back a click. */
export const SEEN_MS = 500;
/** A pointer moves about in the box for so long before: one that only rests may have had the box put under it. */
export const AIMED_MS = 500;
/** The button has the focus for so long before a key counts. */
export const FOCUSED_MS = 250;
/** Between two taps that mean it. */
export const MAX_TAPS_MS = 15_000;
/** After a click it has to stay seen for so long, or the click is forgotten. */
export const STILL_SEEN_MS = 250;
/** Smaller, who benefits could not be read. */
export const MIN_WIDTH_PX = 200;
export const MIN_HEIGHT_PX = 100;
/** Browsers round to parts of a pixel. */
const WHOLLY = 0.99;
/** Pixels of the screen and of the page differ by the browser's zoom, from a quarter to five times. */
const MAX_ZOOM = 5.5;
const ROUNDING_PX = 2;

export interface Sight {
  readonly atMs: number;
  /** Of the frame's card, what is inside of every box around it. */
  readonly ratio: number;
  /** Not covered, transparent or transformed; undefined where the browser cannot tell. */
  readonly isVisible: boolean | undefined;
}

/** Where the pointer is, on the screen and in the frame. */
export interface Aim {
  readonly atMs: number;
  readonly screenX: number;
  readonly screenY: number;
  readonly clientX: number;
  readonly clientY: number;
}

export interface Click extends Aim {
  readonly isTrusted: boolean;
  /** The browser says that a person is doing something just now. */
  readonly isActive: boolean;
  /** 1 of a single click; 0 of a key. */
  readonly detail: number;
  readonly by: 'mouse' | 'touch' | 'key';
  readonly widthPx: number;
  readonly heightPx: number;
}

export class StartGate {
  #seenSinceMs: number | null = null;
  #aimedSinceMs: number | null = null;
  #lastAim: Aim | null = null;
  /** The pointer itself has gone some way in the box since it came. */
  #went = false;
  #tapped: Aim | null = null;
  #movedAtMs = -Infinity;
  #focusedAtMs: number | null = null;
  #keyIsHeld = false;

  get isSeen(): boolean {
    return this.#seenSinceMs !== null;
  }

  see({ atMs, ratio, isVisible }: Sight): void {
    if (ratio < WHOLLY || isVisible === false) this.#seenSinceMs = null;
    else this.#seenSinceMs ??= atMs;
  }

  /** The pointer is over the box, at every move; browsers also tell of one when the box has moved. */
  aim(aim: Aim): void {
    const last = this.#lastAim;
    if (last !== null && hasMoved(last, aim)) {
      this.#movedAtMs = aim.atMs;
      this.lose();
    } else if (last !== null && (last.screenX !== aim.screenX || last.screenY !== aim.screenY)) {
      this.#went = true;
    }
    this.#lastAim = aim;
    this.#aimedSinceMs ??= aim.atMs;
  }

  /** The pointer has left the box. */
  lose(): void {
    this.#aimedSinceMs = null;
    this.#lastAim = null;
    this.#went = false;
  }

  focus(atMs: number | null): void {
    this.#focusedAtMs = atMs;
  }

  /** A key went down; `repeat`: it is held. */
  key(repeat: boolean): void {
    this.#keyIsHeld = repeat;
  }

  /** Null where the click is one that a person meant. */
  check(click: Click): StartRefusal | null {
    const { atMs, by, widthPx, heightPx } = click;
    if (!click.isTrusted || !click.isActive) return 'not-a-person';
    if (widthPx < MIN_WIDTH_PX || heightPx < MIN_HEIGHT_PX) return 'too-small';
    if (this.#seenSinceMs === null) return 'not-seen';
    if (atMs - this.#seenSinceMs < SEEN_MS) return 'just-appeared';
    if (by === 'key') {
      if (this.#keyIsHeld) return 'repeated';
      return isSince(this.#focusedAtMs, atMs, FOCUSED_MS) ? null : 'just-appeared';
    }
    if (click.detail > 1) return 'repeated';
    if (by === 'touch') return this.#tap(click);
    const last = this.#lastAim;
    const moves = (last !== null && hasMoved(last, click)) || atMs - this.#movedAtMs < SEEN_MS;
    if (moves) return 'moved';
    const isAimed = this.#went && isSince(this.#aimedSinceMs, atMs, AIMED_MS);
    return isAimed ? null : 'just-appeared';
  }

  /** The second tap counts where the box lies as it did at the first, and was seen all the while. */
  #tap(click: Click): StartRefusal | null {
    const first = this.#tapped;
    this.#tapped = click;
    if (first === null || this.#seenSinceMs! > first.atMs) return 'tap-again';
    const betweenMs = click.atMs - first.atMs;
    const isMeant = betweenMs >= SEEN_MS && betweenMs <= MAX_TAPS_MS && !hasMoved(first, click);
    return isMeant ? null : 'tap-again';
  }
}

const isSince = (sinceMs: number | null, atMs: number, forMs: number): boolean =>
  sinceMs !== null && atMs - sinceMs >= forMs;

/** The frame under the pointer, between two events of it: what it went in the frame is not what it went on the screen. */
function hasMoved(a: Aim, b: Aim): boolean {
  const differs = (onScreen: number, inFrame: number): boolean =>
    inFrame > ROUNDING_PX + MAX_ZOOM * onScreen || onScreen > ROUNDING_PX + MAX_ZOOM * inFrame;
  return (
    differs(Math.abs(a.screenX - b.screenX), Math.abs(a.clientX - b.clientX)) ||
    differs(Math.abs(a.screenY - b.screenY), Math.abs(a.clientY - b.clientY))
  );
}
