/**
 * Does a volunteer compute with the best backend there is? Every way to compute a program is timed in turns, in one page,
 * and the one that the product's own choice picks is held against the best of them.
 *
 * Programs are data (`contest/backendCases.ts`, `engines/modelCases.ts`). The goal is 0.95.
 */
import { chromium } from 'playwright-core';
import type { Page } from '@playwright/test';
import { noise } from '../../kernels/noise.ts';
import { chromiumFlags, findOrInstallBrowser } from '../../sdk/cli/browser.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import {
  medianOf,
  type BenchCell,
  type BenchReport,
  type BenchRow,
} from '../../shared/testing/bench.ts';
import { KERNEL_PROGRAMS } from '../contest/backendCases.ts';
import type * as InPage from '../contest/backendsInPage.ts';
import { openBundledPage } from '../bundledPage.ts';
import { absence, MODEL_CASES } from '../engines/modelCases.ts';
import { convolutionModel, IMAGE_DIMS, randomImages } from './convolutionModel.ts';

/** Which programs: those whose names hold one of these words, separated by commas. All, where unset. */
const CASES = process.env['IDLEWAVE_BENCH_CASES'];
/** `software` (the default) or `real`. */
const GPU = process.env['IDLEWAVE_BENCH_GPU'] === 'real' ? 'real' : 'software';

const GOAL = 0.95;
const SMALL_ITEMS = 8;
const LARGE_ITEMS = 2;
const LARGE_VALUES = 10_000;
/** Of the networks that are always there: 38 and 380 MFLOP. */
const LAYERS = [2, 20];

const NOTES = [
  'Milliseconds an item, medians of seven blocks; the ways take turns, the first run does not count.',
  'best / chosen: the time of the best way over that of the chosen one, median of the blocks. Goal: at least 0.95.',
  'A way that takes over 4 times the best one’s is timed once. All ways, with all blocks, are in the JSON.',
  'The choice is the product’s (web/compute/candidate.ts), made first; choosing ms is what it took, compiling included.',
];

interface AskedCase {
  readonly name: string;
  readonly asked: InPage.AskedProgram;
}

interface Bundled {
  readonly bundle: typeof InPage;
}

const isAsked = ({ name }: { readonly name: string }): boolean =>
  CASES === undefined || CASES.split(',').some((word) => name.includes(word));

export async function bench(): Promise<BenchReport> {
  const browser = await chromium.launch({
    executablePath: await findOrInstallBrowser((text) => console.error(text)),
    headless: false,
    args: chromiumFlags(GPU),
  });
  try {
    const files = new Map<string, Uint8Array>();
    const skipped: string[] = [];
    const cases = [
      ...(await modelPrograms(await browser.newPage(), files, skipped)),
      ...KERNEL_PROGRAMS.filter(isAsked),
    ];
    const page = await browser.newPage();
    page.on('pageerror', (error) => {
      console.error(`page: ${error.message}`);
    });
    const entry = new URL('../contest/backendsInPage.ts', import.meta.url);
    await openBundledPage(page, { entry, ortBuild: null, files });
    const adapter = await page.evaluate(() =>
      (globalThis as unknown as Bundled).bundle.describeGpu(),
    );
    const facts: Record<string, BenchCell> = { adapter, chromium: browser.version() };
    const rows: BenchRow[] = [];
    for (const { name, asked } of cases) {
      console.error(`${name} …`);
      const outcome = await page.evaluate(
        (program) => (globalThis as unknown as Bundled).bundle.compareBackends(program),
        asked,
      );
      if (typeof outcome === 'string') skipped.push(`${name}: ${outcome}`);
      else rows.push(rowOf(name, outcome));
    }
    const enough = rows.filter(({ reached }) => reached === 'yes').length;
    facts['reached'] = `${enough} of ${rows.length}`;
    if (skipped.length > 0) facts['skipped'] = skipped.join('; ');
    return { name: 'backends', notes: NOTES, facts, rows };
  } finally {
    await browser.close();
  }
}

/** With their files put into `files`, and those that are absent told in `skipped`. */
async function modelPrograms(
  page: Page,
  files: Map<string, Uint8Array>,
  skipped: string[],
): Promise<AskedCase[]> {
  const cases: AskedCase[] = [];
  const add = (
    name: string,
    model: Uint8Array,
    input: string,
    dims: readonly number[],
    items: Parameters<typeof encodeTensors>[0][string],
  ) => {
    const number = cases.length;
    const paths = { model: `model${number}`, inputs: `inputs${number}` };
    files.set(paths.model, model);
    files.set(paths.inputs, encodeTensors({ [input]: items }));
    cases.push({ name, asked: { kind: 'onnx', ...paths, input, dims } });
  };
  for (const model of MODEL_CASES.filter(isAsked)) {
    const { name, input, dims } = model;
    const why = absence(model);
    if (why !== null) {
      skipped.push(`${name}: ${why}`);
      continue;
    }
    const isLarge = dims.reduce((a, b) => a * b, 1) > LARGE_VALUES;
    const items = await model.items(page, isLarge ? LARGE_ITEMS : SMALL_ITEMS);
    add(name, await model.model(), input, dims, items);
  }
  for (const layers of LAYERS) {
    const name = `${layers} convolutions`;
    if (!isAsked({ name })) continue;
    const random = noise(layers);
    const model = convolutionModel(layers, random);
    add(name, model, 'image', [1, ...IMAGE_DIMS], randomImages(SMALL_ITEMS, random));
  }
  await page.close();
  return cases;
}

function rowOf(program: string, { ways, chosen }: InPage.BackendsOutcome): BenchRow {
  const msOf = ({ blocksMs }: { readonly blocksMs: readonly number[] }) => medianOf(blocksMs);
  const timed = ways.filter(({ failure }) => failure === undefined);
  const ranked = [...timed].sort((a, b) => msOf(a) - msOf(b));
  const best = ranked[0]!;
  const ratio = medianOf(chosen.blocksMs.map((ms, i) => best.blocksMs[i]! / ms));
  return {
    program,
    chosen: chosen.engine,
    'chosen ms': msOf(chosen),
    best: best.name,
    'best ms': msOf(best),
    'best / chosen': ratio,
    reached: ratio >= GOAL ? 'yes' : 'no',
    'all, ms': ranked.map((way) => `${way.name} ${msOf(way).toPrecision(3)}`).join(', '),
    failed: ways
      .flatMap(({ name, failure }) => (failure === undefined ? [] : [`${name}: ${failure}`]))
      .join('; '),
    'choosing ms': chosen.tookMs,
    reason: chosen.reason,
    blocksChosen: chosen.blocksMs,
    ...Object.fromEntries(timed.map(({ name, blocksMs }) => [`blocks ${name}`, blocksMs])),
  };
}
