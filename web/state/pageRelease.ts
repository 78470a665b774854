/**
 * Which release of the pages this tab has: kept on the device once it computes (`web/serviceWorker`), and whether the
 * coordinator has a newer one.
 */
export interface PageRelease {
  /** For who computes: on the device of a visitor who only looks nothing is left. */
  keep(): void;
  /** Asks whether there is a newer one. Where nobody answers, it stays as it was. */
  look(): Promise<void>;
}

/** `entry`: the address of the script that the page began with; each release has its own. */
export function pageRelease(entry: string, onOutdated: () => void): PageRelease {
  const { pathname } = new URL(entry);
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return {
    keep() {
      if (!import.meta.env.PROD || connection?.saveData === true) return;
      // Where storage is forbidden, the page is only not kept.
      serviceWorker?.register('/service-worker.js').catch(() => undefined);
    },
    async look() {
      if (!import.meta.env.PROD) return;
      try {
        const answer = await fetch('/', { cache: 'no-cache' });
        if (!answer.ok || (await answer.text()).includes(pathname)) return;
        onOutdated();
        await (await serviceWorker?.getRegistration())?.update();
      } catch {
        return;
      }
    },
  };
}
