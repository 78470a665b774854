/** Which caches hold files of which release, and how long. */
const PREFIX = 'idlewave-pages-';
/** Releases whose files are kept for tabs that were opened with them, besides the newest. */
const KEPT_RELEASES = 2;

export const cacheNameOf = (release: string): string => `${PREFIX}${release}`;

/** `names`: of all caches of this origin, in the order in which they were made. */
export function cachesToForget(names: readonly string[], newest: string): string[] {
  const older = names.filter((name) => name.startsWith(PREFIX) && name !== newest);
  return older.slice(0, Math.max(0, older.length - KEPT_RELEASES));
}
