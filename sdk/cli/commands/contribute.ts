/**
 * `idlewave contribute`: volunteers without a person, in headless browsers or in this Node process.
 *
 * Running it is the consent. It ends when it is told to stop, and gives its leases back first.
 */
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { formatCredits } from '../../../shared/units.ts';
import { IdlewaveClient } from '../../client.ts';
import { findOrInstallBrowser } from '../browser.ts';
import { urlOf, withUrl, type ConnectionOptions } from '../connection.ts';
import { CliError, EXIT } from '../exitCode.ts';
import { parseInteger } from '../numbers.ts';
import { printable } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';
import { untilAborted } from '../untilAborted.ts';
import type { VolunteerEvent } from '../volunteers.ts';

interface ContributeOptions extends ConnectionOptions {
  readonly count: string;
  readonly engine: 'browser' | 'node';
  readonly profile?: string;
  readonly gpu?: true;
  readonly json?: true;
}

/** A page with its worker takes about 200 MB; more on one machine is a mistake. */
const MAX_VOLUNTEERS = 64;

export const addContributeCommand = (program: Command, io: Io): void => {
  const engine = new Option('--engine <engine>', 'where to compute').choices(['browser', 'node']);
  withUrl(program.command('contribute'))
    .description('compute for a coordinator until stopped with Ctrl-C')
    .option('--count <k>', 'volunteers, each with an identity of its own', '1')
    .addOption(engine.default('browser'))
    .option('--profile <dir>', 'keep identities and caches here (else forgotten at the end)')
    .option('--gpu', "use this machine's GPU in the browser (else WebGPU in software)")
    .option('--json', 'one JSON object per change on standard output')
    .action(async (options: ContributeOptions) => contribute(options, io));
};

async function contribute(options: ContributeOptions, io: Io): Promise<void> {
  const terminal = new Terminal(io, options.json === true);
  const count = parseInteger('--count', options.count, 1, MAX_VOLUNTEERS);
  if (options.engine === 'node' && options.gpu === true) {
    throw new CliError(EXIT.usage, '--gpu: only --engine browser computes on a GPU');
  }
  const url = urlOf(options, io);
  // Before a browser is started or installed: an address without a coordinator is told plainly.
  await new IdlewaveClient({ url }).network({ signal: io.signal });
  terminal.note(`Contributing to ${url} with ${count} × ${options.engine}. Ctrl-C stops.`);
  if (options.engine === 'browser') await contributeInBrowser(url, count, options, terminal, io);
  else await contributeInNode(url, count, options, terminal, io);
  terminal.note('Stopped; unfinished work was given back.');
}

async function contributeInBrowser(
  url: string,
  count: number,
  options: ContributeOptions,
  terminal: Terminal,
  io: Io,
): Promise<void> {
  const executablePath = await findOrInstallBrowser((text) => terminal.warn(text));
  const log = stateLog(terminal);
  // Playwright is large: only who opens a browser waits for it.
  const { startBrowserVolunteers } = await import('../volunteers.ts');
  const volunteers = await startBrowserVolunteers({
    url,
    count,
    executablePath,
    gpu: options.gpu === true ? 'real' : 'software',
    profileDir: options.profile,
    onEvent: log.event,
  });
  await untilAborted(io.signal);
  await volunteers.stop();
  log.summary();
}

async function contributeInNode(
  url: string,
  count: number,
  options: ContributeOptions,
  terminal: Terminal,
  io: Io,
): Promise<void> {
  const { startNodeHost } = await import('../../../web/volunteer/nodeHost.ts');
  const folder = options.profile ?? (await mkdtemp(join(tmpdir(), 'idlewave-')));
  const log = stateLog(terminal);
  try {
    await mkdir(folder, { recursive: true });
    const hosts = await Promise.all(
      Array.from({ length: count }, async (_, volunteer) => {
        let items = 0;
        let microCredits = 0n;
        let state = 'connecting';
        return startNodeHost({
          url,
          identityFile: join(folder, `volunteer-${volunteer}.key`),
          signal: io.signal,
          onEvent(event) {
            if (event.type === 'state') state = event.state.kind;
            else if (event.type === 'computed') items += event.items;
            else if (event.type === 'welcomed') microCredits = event.microCredits;
            else if (event.type === 'settled') microCredits += event.microCredits;
            else if (event.type === 'problem')
              log.event({ kind: 'problem', volunteer, text: event.text });
            const credits = formatCredits(microCredits);
            log.event({ kind: 'state', volunteer, state, items, credits });
          },
        });
      }),
    );
    const ends = await Promise.all(hosts.map((host) => host.stopped));
    log.summary();
    const refused = ends.find(({ by }) => by !== 'person');
    if (refused !== undefined && !io.signal.aborted) {
      throw new CliError(EXIT.refused, `A volunteer stopped: ${printable(refused.text)}`);
    }
  } finally {
    // Without a profile the identities were made for this run only.
    if (options.profile === undefined) await rm(folder, { recursive: true, force: true });
  }
}

interface StateLog {
  event(this: void, event: VolunteerEvent): void;
  /** What each has done, at the end. */
  summary(this: void): void;
}

/** Marks each transition once: a volunteer that merely goes on computing is silent, except in JSON. */
function stateLog(terminal: Terminal): StateLog {
  const last = new Map<number, { state: string; items: number; credits: string }>();
  return {
    event(event) {
      const who = `volunteer ${event.volunteer + 1}`;
      if (event.kind === 'problem') {
        terminal.object({ type: 'problem', volunteer: event.volunteer, text: event.text });
        terminal.note(`${who}: ${printable(event.text)}`);
        return;
      }
      const { volunteer, state, items, credits } = event;
      const before = last.get(volunteer);
      if (before?.state === state && before.items === items && before.credits === credits) return;
      last.set(volunteer, { state, items, credits });
      terminal.object({ type: 'volunteer', volunteer, state, items, credits });
      if (before?.state === state) return;
      terminal.line(`${who}: ${printable(state)}, ${items} items, ${printable(credits)} credits`);
    },
    summary() {
      for (const [volunteer, { items, credits }] of last) {
        const done = `${items} items, ${printable(credits)} credits`;
        terminal.line(`volunteer ${volunteer + 1} ended: ${done}`);
      }
    },
  };
}
