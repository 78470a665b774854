/**
 * `idlewave ledger verify`: reads the whole public log and says whether it is what its signature says, whether it has
 * changed since it was last seen, and whether what the coordinator tells of credits is what the log adds up to.
 */
import { createPublicKey, createHash, verify } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { MAX_CHECKPOINT_CHARS } from '../../../shared/limits.ts';
import { fail, messageOf, ok } from '../../../shared/result.ts';
import {
  openCheckpoint,
  parseVerifierKey,
  type Checkpoint,
  type NoteKey,
  type VerifySignature,
} from '../../../shared/tlog/checkpoint.ts';
import { LogReader } from '../../../shared/tlog/logReader.ts';
import { formatCredits } from '../../../shared/units.ts';
import type { IdlewaveClient } from '../../client.ts';
import { LedgerAudit } from '../../ledgerAudit.ts';
import { connect, withUrl, type ConnectionOptions } from '../connection.ts';
import { CliError, EXIT, usageError } from '../exitCode.ts';
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
};

interface Verified {
  readonly logKey: string;
  readonly entries: number;
  readonly shards: number;
  readonly contributors: number;
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
  microCredits,
  continues,
  faults,
  faultCount,
}: Verified): string[] => [
  `Log      ${printable(logKey)}`,
  `Entries  ${entries}: ${shards} shards settled, ${contributors} contributors credited ${formatCredits(BigInt(microCredits))}`,
  ...(continues === null ? [] : [`Goes on  from the ${continues} entries that were there before`]),
  faultCount === 0
    ? 'Checked  signature, tree, every entry once, balances: all right'
    : `Wrong    ${faultCount} ${faultCount === 1 ? 'thing' : 'things'}:`,
  ...faults.map((fault) => `         ${printable(fault)}`),
];

/** Balances move while the log is read: they are compared again with what was logged since, so often. */
const BALANCE_TRIES = 5;
/** Whose balances are compared: all that the log names, up to so many. */
const MAX_BALANCES = 10_000;

async function verifyLedger(
  client: IdlewaveClient,
  { logKey, remember }: VerifyOptions,
  signal: AbortSignal,
): Promise<Verified> {
  const call = { signal };
  const told = (await client.log(call)).verifierKey;
  if (logKey !== undefined && told !== logKey) {
    throw new CliError(
      EXIT.failed,
      `The log is signed with another key.\nExpected: ${logKey}\nCame: ${printable(told)}`,
    );
  }
  const key = parseVerifierKey(told);
  if (!key.ok)
    throw new CliError(
      EXIT.failed,
      `The coordinator’s log key cannot be used: ${printable(key.error)}`,
    );
  const older = await remembered(remember, key.value);
  const reader = new LogReader(
    (path) =>
      client.logFile(path, call).then(ok, (error: unknown) => {
        signal.throwIfAborted();
        return fail(messageOf(error));
      }),
    (message) => createHash('sha256').update(message).digest(),
  );
  const read = async (): Promise<{ text: string; checkpoint: Checkpoint }> => {
    const text = new TextDecoder().decode(await client.logFile('checkpoint', call));
    const opened = await openCheckpoint(text, key.value, verifySignature);
    if (opened.ok) return { text, checkpoint: opened.value };
    throw new CliError(
      EXIT.failed,
      `The log’s checkpoint is not to be trusted: ${printable(opened.error)}`,
    );
  };
  const { text, checkpoint } = await read();
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
    faults.push(...(await wrongBalances(client, reader, audit, checkpoint, read, signal)));
  if (remember !== undefined && faults.length === 0) await writeFile(remember, text);
  const total = [...audit.balances.values()].reduce((sum, amount) => sum + amount, 0n);
  return {
    logKey: told,
    entries: audit.entries,
    shards: audit.shards,
    contributors: audit.balances.size,
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

/** Contributors whose balance is not what the log adds up to, also with what was logged since. */
async function wrongBalances(
  client: IdlewaveClient,
  reader: LogReader,
  audit: LedgerAudit,
  first: Checkpoint,
  read: () => Promise<{ checkpoint: Checkpoint }>,
  signal: AbortSignal,
): Promise<string[]> {
  let open = [...audit.balances.keys()].slice(0, MAX_BALANCES);
  let seen = first.size;
  let wrong: string[] = [];
  for (let tries = 0; tries < BALANCE_TRIES && open.length > 0; tries++) {
    const told = new Map<string, bigint>();
    for (const id of open)
      told.set(id, BigInt((await client.contributor(id, { signal })).microCredits));
    wrong = open.flatMap((id) => {
      const [logged, balance] = [audit.balances.get(id) ?? 0n, told.get(id)!];
      return logged === balance
        ? []
        : [`${id}: the log adds up to ${logged} micro-credits, the coordinator says ${balance}`];
    });
    open = open.filter((id) => audit.balances.get(id) !== told.get(id));
    if (open.length === 0) return [];
    // The files follow within a second.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { checkpoint } = await read();
    for (; seen < checkpoint.size; seen++) {
      const entry = await reader.entry(seen, checkpoint);
      if (!entry.ok) return [entry.error];
      audit.add(entry.value);
    }
  }
  return wrong;
}

/** DER of an Ed25519 public key before its 32 bytes (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const verifySignature: VerifySignature = (signature, message, publicKey) => {
  const der = Buffer.concat([SPKI, publicKey]);
  return verify(
    null,
    message,
    createPublicKey({ key: der, format: 'der', type: 'spki' }),
    signature,
  );
};
