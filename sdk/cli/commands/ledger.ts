/**
 * `idlewave ledger verify`: reads the whole public log and says whether it is what its signature says, whether it has
 * changed since it was last seen, and whether the balances that the coordinator tells are what the log adds up to.
 * `idlewave ledger export`: all of it, for other programs.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Account } from '../../../shared/ledger.ts';
import { MAX_CHECKPOINT_CHARS } from '../../../shared/limits.ts';
import { openCheckpoint, type Checkpoint, type NoteKey } from '../../../shared/tlog/checkpoint.ts';
import { decodeFact } from '../../../shared/protocol/publicLog.ts';
import { formatCredits } from '../../../shared/units.ts';
import type { IdlewaveClient } from '../../client.ts';
import { LedgerAudit } from '../../ledgerAudit.ts';
import { sleep } from '../../sleep.ts';
import { connect, withUrl, type ConnectionOptions } from '../connection.ts';
import { CliError, EXIT, usageError } from '../exitCode.ts';
import { openSignedLog, verifySignature, type SignedLog } from '../signedLog.ts';
import { printable } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';

interface VerifyOptions extends ConnectionOptions {
  readonly json?: true;
  readonly logKey?: string;
  readonly remember?: string;
}

export const addLedgerCommand = (program: Command, io: Io): void => {
  const ledger = program
    .command('ledger')
    .description('the public log of settled shards and credits');
  withUrl(ledger.command('verify'))
    .description('read all of it and check signature, tree, entries and balances')
    .option('--log-key <key>', 'the key that must have signed it, as an earlier run printed it')
    .option(
      '--remember <file>',
      'keep the checkpoint in this file, and check that the log goes on from the one that is there',
    )
    .option('--json', 'one JSON object on standard output')
    .action(async (options: VerifyOptions) => {
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const verified = await verifyLedger(client, options, io.signal);
      terminal.object({ type: 'ledger', ...verified });
      for (const line of linesOf(verified)) terminal.line(line);
      if (verified.faults.length > 0) {
        throw new CliError(
          EXIT.failed,
          `The log is not what it should be: ${printable(verified.faults[0]!)}`,
        );
      }
    });
  withUrl(ledger.command('export'))
    .description('every entry as one line of JSON on standard output, each proven')
    .option('--log-key <key>', 'the key that must have signed it')
    .action(async (options: ExportOptions) =>
      exportLedger(connect(options, io, new Terminal(io, true)), options, io),
    );
};

interface ExportOptions extends ConnectionOptions {
  readonly logKey?: string;
}

/** Every entry as a line of JSON, each proven; throws at the first that is not. */
async function exportLedger(
  client: IdlewaveClient,
  { logKey }: ExportOptions,
  io: Io,
): Promise<void> {
  const log = await openSignedLog(client, logKey, io.signal);
  const { checkpoint } = await log.checkpoint();
  for await (const part of log.reader.all(checkpoint)) {
    if (!part.ok) throw new CliError(EXIT.failed, `The log is not sound: ${printable(part.error)}`);
    for (const { index, bytes } of part.value) {
      const fact = decodeFact(bytes);
      if (!fact.ok)
        throw new CliError(EXIT.failed, `Entry ${index} cannot be read: ${printable(fact.error)}`);
      // As it was logged: a reader of the export can hash it.
      io.stdout.write(`${new TextDecoder().decode(bytes)}\n`);
    }
  }
}

interface Verified {
  readonly logKey: string;
  readonly entries: number;
  readonly shards: number;
  readonly contributors: number;
  readonly accounts: number;
  readonly microCredits: string;
  /** Entries of the checkpoint that was remembered; null where there was none. */
  readonly continues: number | null;
  readonly faults: readonly string[];
  readonly faultCount: number;
}

const linesOf = ({
  logKey,
  entries,
  shards,
  contributors,
  accounts,
  microCredits,
  continues,
  faults,
  faultCount,
}: Verified): string[] => [
  `Log      ${printable(logKey)}`,
  `Entries  ${entries}: ${shards} shards settled, ${contributors} contributors credited ${formatCredits(BigInt(microCredits))}`,
  ...(continues === null ? [] : [`Goes on  from the ${continues} entries that were there before`]),
  faultCount === 0
    ? `Checked  signature, tree, every entry once, ${accounts} balances: all right`
    : `Wrong    ${faultCount} ${faultCount === 1 ? 'thing' : 'things'}:`,
  ...faults.map((fault) => `         ${printable(fault)}`),
];

async function verifyLedger(
  client: IdlewaveClient,
  { logKey, remember }: VerifyOptions,
  signal: AbortSignal,
): Promise<Verified> {
  const log = await openSignedLog(client, logKey, signal);
  const { reader } = log;
  const older = await remembered(remember, log.key);
  const { text, checkpoint } = await log.checkpoint();
  const faults: string[] = [];
  const broken = older === null ? null : await reader.inconsistency(older, checkpoint);
  if (broken !== null) faults.push(`history has changed: ${broken}`);
  const audit = new LedgerAudit();
  for await (const part of reader.all(checkpoint)) {
    if (!part.ok) {
      faults.push(part.error);
      break;
    }
    for (const entry of part.value) audit.add(entry);
  }
  if (faults.length === 0)
    faults.push(...(await wrongBalances(client, log, audit, checkpoint, signal)));
  if (remember !== undefined && faults.length + audit.faultCount === 0)
    await writeFile(remember, text);
  const total = [...audit.earned.values()].reduce((sum, amount) => sum + amount, 0n);
  return {
    logKey: log.told,
    entries: audit.entries,
    shards: audit.shards,
    contributors: audit.earned.size,
    accounts: audit.balances.size,
    microCredits: total.toString(),
    continues: older?.size ?? null,
    faults: [...faults, ...audit.faults],
    faultCount: faults.length + audit.faultCount,
  };
}

async function remembered(file: string | undefined, key: NoteKey): Promise<Checkpoint | null> {
  if (file === undefined) return null;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw usageError(`--remember: ${file} cannot be read: ${error.message}`);
  });
  if (text === null) return null;
  const opened = await openCheckpoint(text.slice(0, MAX_CHECKPOINT_CHARS), key, verifySignature);
  if (opened.ok) return opened.value;
  throw usageError(
    `--remember: ${file} is no checkpoint of this log: ${printable(opened.error)}. Give another file, or delete it.`,
  );
}

/** Accounts whose balance is not what the log adds up to, with what is logged while they are read. */
async function wrongBalances(
  client: IdlewaveClient,
  log: SignedLog,
  audit: LedgerAudit,
  since: Checkpoint,
  signal: AbortSignal,
): Promise<string[]> {
  const wrong: string[] = [];
  const unseen = new Set(audit.balances.keys());
  let after: string | undefined;
  do {
    const page = await client.balances({ cursor: after, signal });
    const behind = await readOn(page.logSize, audit, log, since, signal);
    if (behind !== null) return [behind];
    for (const { account, microCredits } of page.rows) {
      unseen.delete(account as Account);
      const logged = audit.balances.get(account as Account) ?? 0n;
      if (logged !== BigInt(microCredits)) wrong.push(differs(account, logged, microCredits));
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  for (const account of unseen) {
    const logged = audit.balances.get(account)!;
    if (logged !== 0n) wrong.push(differs(account, logged, '0'));
  }
  return wrong;
}

const differs = (account: string, logged: bigint, told: string): string =>
  `${account}: the log adds up to ${logged} micro-credits, the coordinator says ${told}`;

/** How long the log's files may lag behind its balances. */
const FILES_DEADLINE_MS = 30_000;

/** Audits exactly so many entries, of a log that goes on from `since`; otherwise what is wrong. */
async function readOn(
  size: number,
  audit: LedgerAudit,
  log: SignedLog,
  since: Checkpoint,
  signal: AbortSignal,
): Promise<string | null> {
  if (size < audit.entries) return `the balances are of ${size} entries, the log has more`;
  const deadlineMs = Date.now() + FILES_DEADLINE_MS;
  let last = since;
  while (audit.entries < size) {
    const { checkpoint } = await log.checkpoint();
    const broken = await log.reader.inconsistency(last, checkpoint);
    if (broken !== null) return `history has changed while it was read: ${broken}`;
    last = checkpoint;
    for (let seen = audit.entries; seen < Math.min(size, checkpoint.size); seen++) {
      const entry = await log.reader.entry(seen, checkpoint);
      if (!entry.ok) return entry.error.text;
      audit.add(entry.value);
    }
    if (audit.entries === size) break;
    if (Date.now() > deadlineMs)
      return `the balances are of ${size} entries, the log has ${audit.entries}`;
    await sleep(500, signal);
  }
  return null;
}
