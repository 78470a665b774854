/**
 * Giving the thread back for a moment, so that waiting messages (a pause above all) are handled.
 */

/**
 * Resolves in a later macrotask, after at least `ms`. A message channel takes some 20 µs, where a timer of 0
 * is clamped to 1 to 4 ms by browsers.
 */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms > 0) {
      setTimeout(resolve, ms);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
