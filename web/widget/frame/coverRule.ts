/**
 * When a frame that computes has to rest because its visitor cannot see it, and so cannot stop it. Pure.
 *
 * Scrolling on is no reason: people read. A page that covers the frame, fades it or makes it vanish is one at once; a frame
 * that nobody has had before their eyes for `MAX_AWAY_MS` is one too, since a page can also put it where nobody scrolls.
 */
export type Cover = 'seen' | 'hidden' | 'away';

export interface CoverFacts {
  readonly ratio: number;
  readonly isVisible: boolean | undefined;
  readonly hasBox: boolean;
  readonly isLargeEnough: boolean;
}

/** A menu that opens over the frame for a moment is none of these. */
export const MAX_HIDDEN_MS = 2_000;
export const MAX_AWAY_MS = 10 * 60_000;

export function coverOf({ ratio, isVisible, hasBox, isLargeEnough }: CoverFacts): Cover {
  if (!hasBox || !isLargeEnough) return 'hidden';
  if (ratio === 0) return 'away';
  return isVisible === false ? 'hidden' : 'seen';
}

/** After how long it rests; null where it does not. */
export const graceMsOf = (cover: Cover): number | null =>
  cover === 'seen' ? null : cover === 'hidden' ? MAX_HIDDEN_MS : MAX_AWAY_MS;
