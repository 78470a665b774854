/**
 * Waits for the request to stop, keeping the process alive: a pending promise alone would let Node exit.
 */
/** The longest delay that `setInterval` takes. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, LONGEST_DELAY_MS);
    const stop = (): void => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
