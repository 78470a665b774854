/**
 * The catalogue: every kernel that a job may name. Manifests and CPU references only, so the coordinator,
 * the CLI and a Node host can import it; neither WGSL nor GPU types are reachable from here.
 *
 * Invariant: ids are unique, and an id never changes its meaning (a change of outputs is a new version).
 */
import { catalogueEntry, kernelId, type CatalogueEntry } from './manifest.ts';
import { matmulManifest } from './matmul/manifest.ts';
import { matmulReference } from './matmul/reference.ts';
import { montecarloManifest } from './montecarlo/manifest.ts';
import { montecarloReference } from './montecarlo/reference.ts';
import { nbodyManifest } from './nbody/manifest.ts';
import { nbodyReference } from './nbody/reference.ts';

export const CATALOGUE: readonly CatalogueEntry[] = [
  catalogueEntry(matmulManifest, matmulReference),
  catalogueEntry(montecarloManifest, montecarloReference),
  catalogueEntry(nbodyManifest, nbodyReference),
];

const BY_ID = new Map(CATALOGUE.map((entry) => [kernelId(entry.manifest), entry]));

/** The kernel called `name@version`, or undefined where the catalogue has none. */
export const findKernel = (id: string): CatalogueEntry | undefined => BY_ID.get(id);
