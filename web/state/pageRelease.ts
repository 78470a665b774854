/**
 * Which release of the pages this tab has: kept on the device once it computes (`web/serviceWorker`), and whether the
 * coordinator has a newer one.
 */
export interface PageRelease {
  /** For who computes: on the device of a visitor who only looks nothing is left. */
  keep(): void;
  /** With what the coordinator has now; a newer one is fetched for the device. `unknown` where nobody answers. */
  compare(): Promise<'same' | 'older' | 'unknown'>;
}

/** So long an answer is waited for. */
const DEADLINE_MS = 8_000;

/** `files`: addresses of scripts and styles that the page began with, as its document has them: each release has its own. */
export function pageRelease(files: readonly string[]): PageRelease {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return {
    keep() {
      if (!import.meta.env.PROD || connection?.saveData === true) return;
      // Where storage is forbidden, the page is only not kept.
      serviceWorker?.register('/service-worker.js').catch(() => undefined);
    },
    async compare() {
      try {
        const signal = AbortSignal.timeout(DEADLINE_MS);
        const answer = await fetch('/', { cache: 'no-cache', signal });
        if (!answer.ok) return 'unknown';
        const document = await answer.text();
        if (!import.meta.env.PROD || files.every((file) => document.includes(file))) return 'same';
      } catch {
        return 'unknown';
      }
      serviceWorker
        ?.getRegistration()
        .then((registration) => registration?.update())
        .catch(() => undefined);
      return 'older';
    },
  };
}
