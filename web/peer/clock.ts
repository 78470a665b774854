/**
 * Time as links are given it, so that tests can turn it by hand.
 */
export interface Clock {
  /** Monotonic. */
  nowMs(): number;
  /** Calls `fire` once, later; the result calls it off. */
  after(delayMs: number, fire: () => void): () => void;
}

export const realClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
