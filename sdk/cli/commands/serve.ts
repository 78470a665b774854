/**
 * `idlewave serve`: a coordinator in this process, until it is told to stop.
 *
 * The coordinator is imported only when this command runs: the others do not pay for its start.
 */
import type { Command } from 'commander';
import { COHORT_RULES, type CohortRule } from '../../../shared/cohortRule.ts';
import { messageOf } from '../../../shared/result.ts';
import { DEFAULT_PORT } from '../connection.ts';
import { CliError, EXIT, usageError } from '../exitCode.ts';
import { iceConfig } from '../iceConfig.ts';
import { keepResultsMs } from '../keepResults.ts';
import { parseInteger } from '../numbers.ts';
import { findSite, isSite } from '../site.ts';
import { Terminal, type Io } from '../terminal.ts';
import { untilAborted } from '../untilAborted.ts';
import { webhookNetworks } from '../webhookNetworks.ts';

interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly blobStore?: string;
  readonly pages?: string;
  readonly publicUrl?: string;
  readonly advertise?: string;
  readonly cohorts?: string;
  readonly trustedProxies?: string;
  readonly stun?: readonly string[];
  readonly turn?: readonly string[];
  readonly turnSecretFile?: string;
  readonly webhookNetworks?: string;
  readonly keepResults?: string;
  readonly verbose?: true;
  readonly json?: true;
}

export const addServeCommand = (program: Command, io: Io): void => {
  program
    .command('serve')
    .description(
      'run a coordinator: one process, an embedded database, no other services; or one of several on one PostgreSQL',
    )
    .option('--port <port>', `0 takes a free one (else IDLEWAVE_PORT, else ${DEFAULT_PORT})`)
    .option('--host <address>', 'address to listen on (else IDLEWAVE_HOST, else 127.0.0.1)')
    .option('--data <dir>', 'database and blobs (else IDLEWAVE_DATA, else ./idlewave-data)')
    .option(
      '--database-url <url>',
      'postgres://… instead of the embedded database; where another coordinator has it, this one joins that',
    )
    .option(
      '--blob-store <dir>',
      'models and inputs elsewhere than in --data; coordinators that may take over from each other share it',
    )
    .option('--pages <dir>', 'the volunteers’ pages, where not those that came with this command')
    .option('--public-url <url>', 'how volunteers reach it, where a proxy stands before it')
    .option(
      '--advertise <url>',
      'how other coordinators of the same PostgreSQL reach it (else IDLEWAVE_ADVERTISE, else --host and --port)',
    )
    .option(
      '--trusted-proxies <n>',
      'proxies before it whose X-Forwarded-For is believed (default 0)',
    )
    .option(
      '--cohorts <rule>',
      'who must not check each other: auto, network (one /24 or /48), or contributor (else IDLEWAVE_COHORTS, else auto)',
    )
    .option(
      '--stun <urls...>',
      'STUN servers that peers are told: stun:host:port (else IDLEWAVE_STUN, else none)',
    )
    .option(
      '--turn <urls...>',
      'TURN servers that peers are told: turn:host:port (else IDLEWAVE_TURN, else none)',
    )
    .option(
      '--turn-secret-file <file>',
      'the secret shared with the TURN servers, as coturn’s static-auth-secret (else IDLEWAVE_TURN_SECRET_FILE)',
    )
    .option(
      '--webhook-networks <which>',
      'where authors may have webhooks: public (https, public addresses), private (http and any address too), or none ' +
        '(else IDLEWAVE_WEBHOOK_NETWORKS, else public)',
    )
    .option(
      '--keep-results <time>',
      'how long results stay behind the end of their job: 12h, 30d, or forever (else IDLEWAVE_KEEP_RESULTS, else 30d)',
    )
    .option('--verbose', 'log what happens, one JSON object per line on standard error')
    .option('--json', 'print {"url","adminToken"} when ready')
    .action(async (options: ServeOptions) => serve(options, io));
};

/** Longer chains are a mistake in the number. */
const MAX_PROXIES = 8;

function cohortRule(text: string): CohortRule {
  const rule = COHORT_RULES.find((it) => it === text);
  if (rule !== undefined) return rule;
  throw usageError(`--cohorts: expected ${COHORT_RULES.join(', ')}\n  came: ${text}`);
}

function advertised(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/';
  if (isOrigin) return url.origin;
  throw usageError(
    `--advertise: expected http:// or https://, a host and a port, and no path\n  came: ${text}`,
  );
}

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(/[\s,]+/).filter((url) => url !== '');

/** What an operator has to hear of, asked or not: engines that are wrong, noise that grows, a lead without an heir. */
const ALARMS = new Set(['class-quarantined', 'calibration-alarm', 'cannot-lead']);

/** What changes among several coordinators of one database, in words; the first time it is said otherwise. */
const CHANGES: Readonly<Record<string, (fields: Record<string, unknown>) => string>> = {
  'no-lead': ({ why }) => `No coordinator leads: ${String(why)}.`,
  following: ({ lead }) => `Joined: ${String(lead)} leads.`,
  leading: () => 'This coordinator leads now.',
};

async function serve(options: ServeOptions, io: Io): Promise<void> {
  const terminal = new Terminal(io, options.json === true);
  const port = options.port ?? io.env['IDLEWAVE_PORT'] ?? String(DEFAULT_PORT);
  const siteDir = options.pages ?? (await findSite());
  if (siteDir !== undefined && !(await isSite(siteDir))) {
    throw usageError(`--pages: expected a folder with an index.html\n  came: ${siteDir}`);
  }
  const failure = new AbortController();
  let isReady = false;
  const host = options.host ?? io.env['IDLEWAVE_HOST'] ?? '127.0.0.1';
  const publicUrl = options.publicUrl ?? io.env['IDLEWAVE_PUBLIC_URL'];
  const trustedProxies = parseInteger(
    '--trusted-proxies',
    options.trustedProxies ?? io.env['IDLEWAVE_TRUSTED_PROXIES'] ?? '0',
    0,
    MAX_PROXIES,
  );
  const config = {
    port: parseInteger('--port', port, 0, 65_535),
    host,
    dataDir: options.data ?? io.env['IDLEWAVE_DATA'] ?? './idlewave-data',
    databaseUrl: options.databaseUrl ?? io.env['IDLEWAVE_DATABASE_URL'],
    blobDir: options.blobStore ?? io.env['IDLEWAVE_BLOB_STORE'],
    publicUrl,
    advertiseUrl: advertised(options.advertise ?? io.env['IDLEWAVE_ADVERTISE']),
    cohorts: cohortRule(options.cohorts ?? io.env['IDLEWAVE_COHORTS'] ?? 'auto'),
    trustedProxies,
    webhookNetworks: webhookNetworks(
      options.webhookNetworks ?? io.env['IDLEWAVE_WEBHOOK_NETWORKS'],
    ),
    keepResultsMs: keepResultsMs(options.keepResults ?? io.env['IDLEWAVE_KEEP_RESULTS']),
    ice: await iceConfig(
      {
        stun: options.stun ?? listOf(io.env['IDLEWAVE_STUN']),
        turn: options.turn ?? listOf(io.env['IDLEWAVE_TURN']),
      },
      options.turnSecretFile ?? io.env['IDLEWAVE_TURN_SECRET_FILE'],
    ),
    siteDir,
    log(event: string, fields: Record<string, unknown>) {
      if (isReady) {
        const change = CHANGES[event];
        if (change !== undefined) terminal.warn(change(fields));
      }
      if (options.verbose !== true && !ALARMS.has(event)) return;
      terminal.warn(JSON.stringify({ event, ...fields }));
    },
    onFatal: (error: unknown) => failure.abort(error),
  };
  if (config.blobDir?.includes('://') === true) {
    throw usageError(
      `--blob-store: expected a directory\n  came: ${config.blobDir}\n` +
        '  to do: use a directory; object stores are not supported by this version',
    );
  }
  const { startCoordinator } = await import('../../../coordinator/main.ts');
  const coordinator = await startCoordinator(config);
  const { url, adminToken } = coordinator;
  const joined = coordinator.followed();
  isReady = true;
  terminal.object(joined === null ? { url, adminToken } : { url, adminToken, joined });
  terminal.line(`Idlewave coordinator ready at ${url}  (admin token: ${adminToken})`);
  if (joined !== null) terminal.line(`joined: ${joined} leads`);
  if (siteDir === undefined) {
    terminal.warn('The volunteers’ page is not built, so only the API is served: npm run build');
  }
  await untilAborted(AbortSignal.any([io.signal, failure.signal]));
  terminal.note('Stopping; volunteers reconnect and go on when it is back.');
  await coordinator.close();
  if (failure.signal.aborted) {
    const why = messageOf(failure.signal.reason);
    throw new CliError(EXIT.failed, `The store failed, so the coordinator stopped: ${why}`);
  }
}
