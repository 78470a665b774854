/** Watches whether the visitor can see a frame that computes; one timer at most, for a moment that is known. */
import { coverOf, graceMsOf, type Cover } from './coverRule.ts';
import { isLargeEnough, watchSight, type Seen } from './watchFrame.ts';

/** Calls with the reason to rest, and with null when it may go on; the result ends it. */
export function watchCover(
  card: Element,
  onRest: (reason: Exclude<Cover, 'seen'> | null) => void,
): () => void {
  let seen: Seen = { ratio: 1, isVisible: undefined, hasBox: true };
  let cover: Cover = 'seen';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    const next = coverOf({ ...seen, isLargeEnough: isLargeEnough() });
    if (next === cover) return;
    cover = next;
    clearTimeout(timer);
    const graceMs = graceMsOf(next);
    if (next === 'seen' || graceMs === null) onRest(null);
    else timer = setTimeout(() => onRest(next), graceMs);
  };
  const endSight = watchSight(card, (next) => {
    seen = next;
    look();
  });
  window.addEventListener('resize', look);
  return () => {
    endSight();
    window.removeEventListener('resize', look);
    clearTimeout(timer);
  };
}
