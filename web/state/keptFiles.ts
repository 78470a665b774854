/**
 * What this origin keeps on the device that can be had again: models and inputs, and the files of the pages. Keys, settings and
 * names are small, are not counted apart, and stay.
 */
import { clearBrowserBlobs } from '../volunteer/browserBlobCache.ts';

/** Bytes, as the browser estimates them; null where it does not. */
export async function keptBytes(): Promise<number | null> {
  try {
    return (await navigator.storage.estimate()).usage ?? null;
  } catch {
    return null;
  }
}

/** False where the browser keeps nothing that could be reached. */
export async function removeKeptFiles(): Promise<boolean> {
  try {
    await clearBrowserBlobs();
    for (const name of await caches.keys()) await caches.delete(name);
    const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
    const workers = (await serviceWorker?.getRegistrations()) ?? [];
    await Promise.all(workers.map((worker) => worker.unregister()));
    return true;
  } catch {
    return false;
  }
}
