/**
 * `idlewave demo`: the whole network on one machine. A coordinator on the embedded store, real browser tabs
 * as volunteers, a batch job on the project's own digits, and every verified result checked against a direct
 * run of the same model.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { compareOutputs } from '../../../shared/acceptance.ts';
import { messageOf } from '../../../shared/result.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';
import { formatCredits } from '../../../shared/units.ts';
import { IdlewaveClient, collectResults, type CollectedResults } from '../../client.ts';
import { loadDigits, pickDigits, readings, runDirectly } from '../../demo/digits.ts';
import { findOrInstallBrowser } from '../browser.ts';
import { DEMO_ITEMS, checkingText, keptText, overheadText, summary } from '../demoText.ts';
import { CliError, EXIT } from '../exitCode.ts';
import { parseInteger } from '../numbers.ts';
import { buildSite } from '../site.ts';
import { tableLines } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';
import { untilAborted } from '../untilAborted.ts';
import type { BrowserVolunteers } from '../volunteers.ts';
import { watchJob } from '../watch.ts';
import { wrapped } from '../wrap.ts';

interface DemoOptions {
  readonly items: string;
  readonly volunteers: string;
  readonly seed: string;
  readonly json?: true;
  readonly keep?: true;
}

const MAX_DEMO_ITEMS = 100_000;
const MAX_DEMO_VOLUNTEERS = 16;
/** Rows of the table of results. */
const SHOWN_RESULTS = 10;
/** Outputs of two honest runs of the same WASM build are equal; this is far below any real deviation. */
const SAME = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-5,
  maxElementError: 1e-4,
  nonFinite: 'refuse',
} as const;

export const addDemoCommand = (program: Command, io: Io): void => {
  program
    .command('demo')
    .description('everything on this machine: coordinator, browser volunteers, a real job')
    .option('--items <n>', 'images to recognise', String(DEMO_ITEMS))
    .option('--volunteers <k>', 'browser tabs, each a contributor', '2')
    .option('--seed <s>', 'which images', '1')
    .option('--keep', 'go on until Ctrl-C: open the page yourself and join')
    .option('--json', 'the last line of standard output is one JSON object')
    .action(async (options: DemoOptions) => demo(options, io));
};

async function demo(options: DemoOptions, io: Io): Promise<void> {
  const startedMs = performance.now();
  const terminal = new Terminal(io, options.json === true);
  const items = parseInteger('--items', options.items, 1, MAX_DEMO_ITEMS);
  const count = parseInteger('--volunteers', options.volunteers, 1, MAX_DEMO_VOLUNTEERS);
  const seed = parseInteger('--seed', options.seed, 0, 2 ** 32 - 1);
  const dataDir = await mkdtemp(join(tmpdir(), 'idlewave-demo-'));
  const cleanUp: (() => Promise<void>)[] = [() => rm(dataDir, { recursive: true, force: true })];
  try {
    terminal.note('Starting a coordinator with the embedded store, and looking for a browser …');
    const { startCoordinator } = await import('../../../coordinator/main.ts');
    const log = (text: string) => terminal.note(text);
    const [executablePath, coordinator] = await Promise.all([
      findOrInstallBrowser((text) => terminal.warn(text)),
      startCoordinator({ port: 0, host: '127.0.0.1', dataDir, siteDir: buildSite(log) }),
    ]);
    cleanUp.unshift(() => coordinator.close());
    const { url, adminToken } = coordinator;
    terminal.note(`Coordinator at ${url}`);
    terminal.note(`Opening ${count} browser ${count === 1 ? 'tab' : 'tabs'} as volunteers …`);
    const { startBrowserVolunteers } = await import('../volunteers.ts');
    const volunteers = startBrowserVolunteers({
      url,
      count,
      executablePath,
      onEvent(event) {
        if (event.kind === 'problem')
          terminal.warn(`volunteer ${event.volunteer + 1}: ${event.text}`);
      },
    });
    // Handled where it is awaited; a failure before that must not end the process.
    volunteers.catch(() => undefined);
    cleanUp.unshift(async () => stopVolunteers(await volunteers.catch(() => undefined)));

    const client = new IdlewaveClient({ url, key: adminToken });
    const digits = await loadDigits();
    const { images, labels } = pickDigits(digits, items, seed);
    const job = await client.submit(
      {
        name: 'handwritten digits',
        program: { onnx: digits.model },
        inputs: { stacked: { image: images } },
        // One volunteer alone: the coordinator's own recomputation is the second opinion.
        verification: { kind: 'auto', secondOpinion: count === 1 ? 'referee' : 'contributors' },
      },
      { signal: io.signal },
    );
    terminal.note(`Posted job ${job.id}: ${items} images`);
    for (const line of wrapped('Checking  ', checkingText(job.view))) terminal.note(line);
    await volunteers;
    const view = await watchJob(job, terminal, io.signal);
    const seconds = (performance.now() - startedMs) / 1000;
    const results = await collectResults(job, { signal: io.signal });
    const truth = await runDirectly(digits.model, images);
    const wrong = wrongItems(results, truth, items);
    showResults(terminal, results.outputs, labels, digits.testAccuracy);
    await showCredits(terminal, client);
    terminal.line(
      `${view.items.settled} of ${items} images verified, ${wrong} wrong against a direct run, ` +
        `in ${seconds.toFixed(1)} s by ${count} ${count === 1 ? 'tab' : 'tabs'}.`,
    );
    terminal.line(overheadText(view));
    terminal.object(summary(view, wrong, seconds));
    if (options.keep === true) {
      for (const line of keptText(url, await client.leaderboard())) terminal.line(line);
      await untilAborted(io.signal);
    }
    if (view.state !== 'done' || wrong > 0) {
      throw new CliError(
        EXIT.failed,
        `The demo did not end well: ${view.reason ?? `${wrong} wrong`}`,
      );
    }
  } finally {
    for (const step of cleanUp) {
      await step().catch((error: unknown) => terminal.warn(`While stopping: ${messageOf(error)}`));
    }
  }
}

const stopVolunteers = async (volunteers: BrowserVolunteers | undefined): Promise<void> =>
  volunteers?.stop();

/** Items whose verified output differs from the direct run's; an item without a result is wrong too. */
function wrongItems(results: CollectedResults, truth: NamedTensors, items: number): number {
  const missing = new Set(results.missing);
  const comparison = compareOutputs(results.outputs, truth, items, SAME);
  const differing = comparison.kind === 'agree' ? [] : comparison.items;
  return missing.size + differing.filter((item) => !missing.has(item)).length;
}

function showResults(
  terminal: Terminal,
  outputs: NamedTensors,
  labels: readonly number[],
  testAccuracy: number,
): void {
  const read = readings(outputs['logits']!);
  const right = read.filter(({ digit }, i) => digit === labels[i]).length;
  const rows = read.slice(0, SHOWN_RESULTS).map((reading, item) => ({ item, ...reading }));
  terminal.line('');
  const table = tableLines(rows, [
    { title: 'ITEM', value: ({ item }) => String(item), align: 'right' },
    { title: 'DRAWN AS', value: ({ item }) => String(labels[item]), align: 'right' },
    { title: 'READ AS', value: ({ digit }) => String(digit), align: 'right' },
    {
      title: 'SURE',
      value: ({ confidence }) => `${(confidence * 100).toFixed(1)} %`,
      align: 'right',
    },
  ]);
  for (const line of table) terminal.line(line);
  if (read.length > rows.length) terminal.line(`… and ${read.length - rows.length} more`);
  terminal.line('');
  terminal.line(
    `The model read ${right} of ${read.length} as they were drawn ` +
      `(${((100 * right) / read.length).toFixed(1)} %; ${(100 * testAccuracy).toFixed(1)} % on its test images).`,
  );
}

async function showCredits(terminal: Terminal, client: IdlewaveClient): Promise<void> {
  const rows = await client.leaderboard();
  terminal.line('');
  const table = tableLines(rows, [
    { title: 'CONTRIBUTOR', value: ({ id }) => id },
    { title: 'ITEMS', value: ({ verifiedItems }) => String(verifiedItems), align: 'right' },
    { title: 'AGREED', value: ({ agreed }) => String(agreed), align: 'right' },
    { title: 'DISAGREED', value: ({ disagreed }) => String(disagreed), align: 'right' },
    {
      title: 'CREDITS',
      value: ({ microCredits }) => formatCredits(BigInt(microCredits)),
      align: 'right',
    },
  ]);
  for (const line of table) terminal.line(line);
  terminal.line('');
}
