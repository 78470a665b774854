/**
 * What this origin keeps on the device. Models and inputs can be had again, so they may go; the files of the pages are small,
 * and a tab that computes goes on with them when the coordinator is updated; keys, settings and names stay.
 */
import { clearBrowserBlobs } from '../volunteer/browserBlobCache.ts';

/** All of it, in bytes, as the browser estimates them; null where it does not. */
export async function keptBytes(): Promise<number | null> {
  try {
    return (await navigator.storage.estimate()).usage ?? null;
  } catch {
    return null;
  }
}

/** Models and inputs go. False where the browser does not let them. */
export async function removeKeptBlobs(): Promise<boolean> {
  try {
    await clearBrowserBlobs();
    return true;
  } catch {
    return false;
  }
}
