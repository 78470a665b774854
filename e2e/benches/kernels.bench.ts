/**
 * Catalogue kernels beside the same operations of onnxruntime-web (native WebGPU), tfjs and jax-js: in one page, on one
 * adapter, in turns, with the output read back and held against the CPU reference.
 *
 * Cases and goals are data (`contest/contestCases.ts`). Only the ratios mean anything: the median over blocks of the peer's
 * time over ours in the same block.
 */
import { chromium } from 'playwright-core';
import type { Page } from '@playwright/test';
import { assert } from '../../shared/result.ts';
import { chromiumFlags, findOrInstallBrowser } from '../../sdk/cli/browser.ts';
import {
  medianOf,
  type BenchCell,
  type BenchReport,
  type BenchRow,
} from '../../shared/testing/bench.ts';
import { CONTEST_CASES, type ContestCase, type Peer } from '../contest/contestCases.ts';
import type * as InPage from '../contest/contestInPage.ts';
import { openBundledPage, versionOf } from '../bundledPage.ts';
import type { Residence } from '../contest/operations.ts';

/** Which cases: those whose names hold one of these words, separated by commas. All, where unset. */
const CASES = process.env['IDLEWAVE_BENCH_CASES'];
/** `gpu` (the default), `host`, or both, separated by a comma. */
const INPUTS = process.env['IDLEWAVE_BENCH_INPUTS'] ?? 'gpu';
/** `software` (the default) or `real`. */
const GPU = process.env['IDLEWAVE_BENCH_GPU'] === 'real' ? 'real' : 'software';
/** Which build of ONNX Runtime: `jspi` (the default, what volunteers' Chromium loads) or `webgpu` (asyncify). */
const ORT_BUILD = process.env['IDLEWAVE_BENCH_ORT'] === 'webgpu' ? 'webgpu' : 'jspi';

const OURS = 'idlewave';
const NAME_OF: Readonly<Record<Peer, string>> = { ort: 'ort', tfjs: 'tfjs', jax: 'jax-js' };
const PEERS = Object.keys(NAME_OF) as Peer[];

const NOTES = [
  'Milliseconds of a run, medians of five blocks; contenders take turns, the first run does not count.',
  'A run ends with its output in JavaScript’s memory; every contender’s was held against our CPU reference.',
  'inputs gpu: data and weights lie on the GPU when a run starts; host: data comes from JavaScript’s memory each time.',
  'x: the peer’s time over ours, median of the blocks, for the call that one finds first; goals are held against it.',
  'tuned x: the same for another call or layout of the peer’s, where a trial found one that is faster.',
];

export async function bench(): Promise<BenchReport> {
  const browser = await chromium.launch({
    executablePath: await findOrInstallBrowser((text) => console.error(text)),
    headless: false,
    args: chromiumFlags(GPU),
  });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => {
      console.error(`page: ${error.message}`);
    });
    const entry = new URL('../contest/contestInPage.ts', import.meta.url);
    await openBundledPage(page, { entry, ortBuild: `ort.${ORT_BUILD}.min.mjs` });
    const { adapter, software } = await page.evaluate(() =>
      (globalThis as unknown as Bundled).bundle.openContest(),
    );
    const facts: Record<string, BenchCell> = {
      adapter,
      softwareAdapter: software,
      chromium: browser.version(),
      onnxruntime: `onnxruntime-web ${versionOf('onnxruntime-web')}, native WebGPU, ${ORT_BUILD}`,
      tfjs: `@tensorflow/tfjs-backend-webgpu ${versionOf('@tensorflow/tfjs-backend-webgpu')}`,
      jaxJs: `@jax-js/jax ${versionOf('@jax-js/jax')}`,
    };
    const rows: BenchRow[] = [];
    for (const contestCase of CONTEST_CASES.filter(isAsked)) {
      for (const residence of INPUTS.split(',') as Residence[]) {
        rows.push(await rowOf(page, contestCase, residence, facts));
      }
    }
    return { name: 'kernels', notes: NOTES, facts, rows };
  } finally {
    await browser.close();
  }
}

interface Bundled {
  readonly bundle: typeof InPage;
}

const isAsked = ({ name }: ContestCase): boolean =>
  CASES === undefined || CASES.split(',').some((word) => name.includes(word));

async function rowOf(
  page: Page,
  { name, operation, goals }: ContestCase,
  residence: Residence,
  facts: Record<string, BenchCell>,
): Promise<BenchRow> {
  console.error(`${name}, inputs on the ${residence} …`);
  const outcome = await page.evaluate(
    ([asked, from]) => (globalThis as unknown as Bundled).bundle.runContest(asked, from),
    [operation, residence] as const,
  );
  const head = { case: name, inputs: residence };
  if (typeof outcome === 'string') return { ...head, remarks: outcome };
  const remarks: string[] = [];
  const calls: string[] = [];
  const cells: Record<string, BenchCell> = {};
  const blocks: Record<string, readonly number[]> = {};
  const missed: string[] = [];
  const ours = outcome.contenders.find(isMeasured)?.usual;
  assert(ours !== undefined && outcome.contenders[0]!.name === OURS, `${name}: ours did not run`);
  cells['ours'] = medianOf(ours.blocksMs);
  blocks['blocks ours'] = ours.blocksMs;
  for (const peer of PEERS) {
    const theirs = outcome.contenders.find((one) => one.name === NAME_OF[peer])!;
    const ratioOf = (timed: InPage.TimedWay | null | undefined): number | null =>
      timed === null || timed === undefined ? null : pairedRatio(timed.blocksMs, ours.blocksMs);
    const { usual, tuned } = isMeasured(theirs) ? theirs : { usual: null, tuned: null };
    const ratio = ratioOf(usual);
    cells[peer] = usual === null ? null : medianOf(usual.blocksMs);
    cells[`${peer} x`] = ratio;
    cells[`${peer} tuned x`] = ratioOf(tuned);
    if (usual !== null) blocks[`blocks ${peer}`] = usual.blocksMs;
    if (tuned !== null) blocks[`blocks ${peer} tuned`] = tuned.blocksMs;
    if ('why' in theirs) remarks.push(`${theirs.name} ${theirs.why}`);
    if (usual !== null)
      calls.push(`${theirs.name}: ${usual.form}${tuned === null ? '' : `, tuned ${tuned.form}`}`);
    if (usual?.isRight === false) {
      remarks.push(
        `${theirs.name} is beyond our rule: off by ${usual.relativeL2.toExponential(1)}`,
      );
    }
    const goal = goals[peer];
    if (goal !== undefined && (ratio === null || ratio < goal))
      missed.push(`${NAME_OF[peer]} ${goal}`);
  }
  if (!ours.isRight) remarks.push(`OURS IS WRONG: off by ${ours.relativeL2.toExponential(1)}`);
  facts[`${name}, calls`] = calls.join('; ');
  const asked = PEERS.filter((peer) => goals[peer] !== undefined);
  return {
    ...head,
    ...cells,
    goals: asked.map((peer) => `${NAME_OF[peer]} ${goals[peer]!}`).join(', '),
    reached: asked.length === 0 ? null : missed.length === 0 ? 'yes' : `no: ${missed.join(', ')}`,
    remarks: remarks.join('; '),
    plainJavaScriptMs: [outcome.referenceMs],
    ...blocks,
  };
}

const isMeasured = (one: InPage.Measured | InPage.Absent): one is InPage.Measured => 'usual' in one;

/** Blocks are beside each other in time: what slows one contender slows the next. */
const pairedRatio = (theirs: readonly number[], ours: readonly number[]): number =>
  medianOf(theirs.map((ms, i) => ms / ours[i]!));
