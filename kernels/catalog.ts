/**
 * The catalogue: every kernel that a job may name. Manifests and CPU references only, so the coordinator,
 * the CLI and a Node host can import it; neither WGSL nor GPU types are reachable from here.
 *
 * Invariant: ids are unique, and an id never changes its meaning (a change of outputs is a new version).
 */
import { catalogueEntry, kernelId, type CatalogueEntry } from './manifest.ts';
import { attentionManifest } from './attention/manifest.ts';
import { attentionReference } from './attention/reference.ts';
import { conv2dManifest } from './conv2d/manifest.ts';
import { conv2dReference } from './conv2d/reference.ts';
import { fftManifest } from './fft/manifest.ts';
import { fftReference } from './fft/reference.ts';
import { gameOfLifeManifest } from './gameOfLife/manifest.ts';
import { gameOfLifeReference } from './gameOfLife/reference.ts';
import { histogramManifest } from './histogram/manifest.ts';
import { histogramReference } from './histogram/reference.ts';
import { kmeansManifest } from './kmeans/manifest.ts';
import { kmeansReference } from './kmeans/reference.ts';
import { layernormManifest } from './layernorm/manifest.ts';
import { layernormReference } from './layernorm/reference.ts';
import { linearManifest } from './linear/manifest.ts';
import { linearReference } from './linear/reference.ts';
import { mandelbrotManifest } from './mandelbrot/manifest.ts';
import { mandelbrotReference } from './mandelbrot/reference.ts';
import { matmulManifest } from './matmul/manifest.ts';
import { matmulReference } from './matmul/reference.ts';
import { matmulInt8Manifest } from './matmulInt8/manifest.ts';
import { matmulInt8Reference } from './matmulInt8/reference.ts';
import { matvecManifest } from './matvec/manifest.ts';
import { matvecReference } from './matvec/reference.ts';
import { montecarloManifest } from './montecarlo/manifest.ts';
import { montecarloReference } from './montecarlo/reference.ts';
import { nbodyManifest } from './nbody/manifest.ts';
import { nbodyReference } from './nbody/reference.ts';
import { pathtraceManifest } from './pathtrace/manifest.ts';
import { pathtraceReference } from './pathtrace/reference.ts';
import { reduceManifest } from './reduce/manifest.ts';
import { reduceReference } from './reduce/reference.ts';
import { reduceExactManifest } from './reduceExact/manifest.ts';
import { reduceExactReference } from './reduceExact/reference.ts';
import { rmsnormManifest } from './rmsnorm/manifest.ts';
import { rmsnormReference } from './rmsnorm/reference.ts';
import { scanManifest } from './scan/manifest.ts';
import { scanReference } from './scan/reference.ts';
import { sha256SearchManifest } from './sha256Search/manifest.ts';
import { sha256SearchReference } from './sha256Search/reference.ts';
import { smithWatermanManifest } from './smithWaterman/manifest.ts';
import { smithWatermanReference } from './smithWaterman/reference.ts';
import { softmaxManifest } from './softmax/manifest.ts';
import { softmaxReference } from './softmax/reference.ts';
import { sortManifest } from './sort/manifest.ts';
import { sortReference } from './sort/reference.ts';
import { transposeManifest } from './transpose/manifest.ts';
import { transposeReference } from './transpose/reference.ts';

export const CATALOGUE: readonly CatalogueEntry[] = [
  catalogueEntry(attentionManifest, attentionReference),
  catalogueEntry(conv2dManifest, conv2dReference),
  catalogueEntry(fftManifest, fftReference),
  catalogueEntry(gameOfLifeManifest, gameOfLifeReference),
  catalogueEntry(histogramManifest, histogramReference),
  catalogueEntry(kmeansManifest, kmeansReference),
  catalogueEntry(layernormManifest, layernormReference),
  catalogueEntry(linearManifest, linearReference),
  catalogueEntry(mandelbrotManifest, mandelbrotReference),
  catalogueEntry(matmulManifest, matmulReference),
  catalogueEntry(matmulInt8Manifest, matmulInt8Reference),
  catalogueEntry(matvecManifest, matvecReference),
  catalogueEntry(montecarloManifest, montecarloReference),
  catalogueEntry(nbodyManifest, nbodyReference),
  catalogueEntry(pathtraceManifest, pathtraceReference),
  catalogueEntry(reduceManifest, reduceReference),
  catalogueEntry(reduceExactManifest, reduceExactReference),
  catalogueEntry(rmsnormManifest, rmsnormReference),
  catalogueEntry(scanManifest, scanReference),
  catalogueEntry(sha256SearchManifest, sha256SearchReference),
  catalogueEntry(smithWatermanManifest, smithWatermanReference),
  catalogueEntry(softmaxManifest, softmaxReference),
  catalogueEntry(sortManifest, sortReference),
  catalogueEntry(transposeManifest, transposeReference),
];

const BY_ID = new Map(CATALOGUE.map((entry) => [kernelId(entry.manifest), entry]));

/** The kernel called `name@version`, or undefined where the catalogue has none. */
export const findKernel = (id: string): CatalogueEntry | undefined => BY_ID.get(id);
