/** Which page an address shows: `#network`, `#credits/c_…`; without one, or with one that nobody knows, the first. */
export const PAGES = [
  'contribute',
  'mine',
  'credits',
  'network',
  'jobs',
  'kernels',
  'leaderboard',
  'help',
] as const;
/** Pages that others lead to. */
export const INNER_PAGES = ['certificate', 'ready', 'sites', 'post'] as const;
export type PageName = (typeof PAGES)[number] | (typeof INNER_PAGES)[number];

export const hashOf = (page: PageName): string => (page === 'contribute' ? '#' : `#${page}`);

export function pageOf(hash: string): PageName {
  const name = /^#([a-z]+)(?:\/|$)/.exec(hash)?.[1];
  return [...PAGES, ...INNER_PAGES].find((page) => page === name) ?? 'contribute';
}
