/**
 * Screen Wake Lock: the screen stays on while this tab is seen and computes. The browser lets go of it whenever the tab
 * is hidden; it is taken again when wanted and seen.
 */
interface Sentinel extends EventTarget {
  release(): Promise<void>;
}
interface WakeLocks {
  request(type: 'screen'): Promise<Sentinel>;
}

const wakeLocks = (): WakeLocks | undefined => (navigator as { wakeLock?: WakeLocks }).wakeLock;

export const canKeepScreenAwake = (): boolean => wakeLocks() !== undefined;

export function screenAwake(): { want(isWanted: boolean): void } {
  let wanted = false;
  let held: Promise<Sentinel | null> | null = null;

  const take = (): void => {
    const locks = wakeLocks();
    if (!wanted || held !== null || locks === undefined) return;
    if (document.visibilityState !== 'visible') return;
    const mine: Promise<Sentinel | null> = locks.request('screen').then(
      (sentinel) => {
        sentinel.addEventListener('release', () => {
          if (held === mine) held = null;
        });
        return sentinel;
      },
      // Low battery, or hidden meanwhile: asked for again when the tab is seen.
      () => {
        if (held === mine) held = null;
        return null;
      },
    );
    held = mine;
  };
  document.addEventListener('visibilitychange', take);

  return {
    want(isWanted) {
      if (isWanted === wanted) return;
      wanted = isWanted;
      if (isWanted) return take();
      held?.then((sentinel) => sentinel?.release()).catch(() => undefined);
      held = null;
    },
  };
}
