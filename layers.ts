/**
 * Which way imports point: the one table, read by the linter and by architecture.test.ts.
 *
 * `folder` holds the files; of ours they may import their own folder and what `mayImport` names, nothing
 * else. The most specific folder counts. Tests may import what they test with.
 */
export interface Layer {
  readonly folder: string;
  /** Folders, or single files with their extension. */
  readonly mayImport: readonly string[];
}

export const LAYERS: readonly Layer[] = [
  { folder: 'shared', mayImport: [] },
  // Manifests, plans and CPU references: no GPU types, so the coordinator and the CLI can have them.
  { folder: 'kernels', mayImport: ['shared'] },
  { folder: 'kernels/runtime', mayImport: ['shared', 'kernels'] },
  // The catalogue for other people's pages: it knows neither volunteers nor jobs.
  { folder: 'kernels/library', mayImport: ['shared', 'kernels'] },
  // Pure decisions: no clock, no randomness, no I/O.
  { folder: 'coordinator/core', mayImport: ['shared', 'kernels'] },
  { folder: 'coordinator', mayImport: ['shared', 'kernels'] },
  { folder: 'web/compute', mayImport: ['shared', 'kernels'] },
  // Stages of a route exchange their tensors through peers.
  { folder: 'web/volunteer', mayImport: ['shared', 'kernels', 'web/compute', 'web/peer'] },
  { folder: 'web/peer', mayImport: ['shared', 'web/compute'] },
  // What a page shows; `runningHost.ts` puts the volunteer of a tab together.
  { folder: 'web/state', mayImport: ['shared', 'web/volunteer', 'web/compute', 'web/peer'] },
  // Posting a job in a page: the author's library, and what a page needs besides.
  { folder: 'web/author', mayImport: ['shared', 'sdk'] },
  // Kernels on the visitor's own device, for nobody else: it knows neither volunteers nor jobs.
  { folder: 'web/gallery', mayImport: ['shared', 'kernels'] },
  // Settings of the tab are shown and changed as the rules have them.
  {
    folder: 'web/site',
    mayImport: [
      'shared',
      'web/state',
      'web/volunteer/controls',
      'web/author',
      'web/gallery',
      'sdk',
    ],
  },
  // Runs beside all pages and shares nothing with them.
  { folder: 'web/serviceWorker', mayImport: [] },
  { folder: 'web/widget', mayImport: ['shared', 'web/state'] },
  // Part of other people's pages: nothing but what it shares with its frame.
  { folder: 'web/widget/loader', mayImport: ['web/widget/messages.ts'] },
  { folder: 'sdk', mayImport: ['shared', 'kernels'] },
  // The command line starts coordinators and Node hosts: a composition root.
  {
    folder: 'sdk/cli',
    mayImport: [
      'shared',
      'kernels',
      'sdk',
      'coordinator/main.ts',
      'web/volunteer/nodeHost.ts',
      'web/volunteer/controls/settings.ts',
    ],
  },
  { folder: 'e2e', mayImport: ['shared', 'kernels', 'sdk', 'coordinator', 'web'] },
];

/** The layer of a file, by its path from the root; undefined for files at the root. */
export const layerOf = (path: string): Layer | undefined =>
  LAYERS.filter(({ folder }) => path.startsWith(`${folder}/`)).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];

/** May a file of `layer` import the file at `path`? */
export const allows = (layer: Layer, path: string): boolean =>
  path.startsWith(`${layer.folder}/`) ||
  layer.mayImport.some((allowed) => path === allowed || path.startsWith(`${allowed}/`));
