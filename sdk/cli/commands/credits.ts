/**
 * `idlewave credits`: what a key has to spend, what became of it, and transfers to others.
 */
import type { Command } from 'commander';
import type { MovementView } from '../../../shared/protocol/ledger.ts';
import { formatCredits } from '../../../shared/units.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { parseCredits } from '../numbers.ts';
import { printable, tableLines } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';

interface CreditsOptions extends ConnectionOptions {
  readonly json?: true;
}

export const addCreditsCommand = (program: Command, io: Io): void => {
  const credits = program
    .command('credits')
    .description('what your key has to spend; 1 credit = 1 TFLOP of verified work');
  const sub = (usage: string, description: string): Command =>
    withConnection(credits.command(usage))
      .description(description)
      .option('--json', 'one JSON object per line on standard output');

  sub('show', 'the balance').action(async (options: CreditsOptions) => {
    const terminal = new Terminal(io, options.json === true);
    const balance = await connect(options, io, terminal).balance({ signal: io.signal });
    terminal.object({ type: 'balance', ...balance });
    terminal.line(`${formatCredits(BigInt(balance.microCredits))} credits`);
    if (!balance.prepaid) terminal.note('What a job of this key lacks, the network grants.');
  });

  sub('ls', 'grants, jobs and transfers, newest first').action(async (options: CreditsOptions) => {
    const terminal = new Terminal(io, options.json === true);
    const client = connect(options, io, terminal);
    const { account } = await client.balance({ signal: io.signal });
    const all: MovementView[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.movements({ cursor, signal: io.signal });
      for (const row of page.rows) terminal.object({ type: 'movement', ...row });
      all.push(...page.rows);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    if (all.length === 0) terminal.note('Nothing yet.');
    else for (const line of movementLines(all, account)) terminal.line(line);
  });

  sub('transfer <account> <credits>', 'give credits to contributor:ID or author:KEY').action(
    async (account: string, amount: string, options: CreditsOptions) => {
      const microCredits = parseCredits('<credits>', amount);
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const moved = await client.transfer(account, microCredits, { signal: io.signal });
      terminal.object({ type: 'movement', ...moved });
      terminal.line(`Transferred ${formatCredits(microCredits)} credits to ${printable(moved.to)}`);
    },
  );
};

const WORDS: Readonly<Record<MovementView['kind'], string>> = {
  grant: 'granted',
  opening: 'earned before the ledger',
  escrow: 'put aside for a job',
  refund: 'left of a job',
  transfer: 'transferred',
};

function movementLines(movements: readonly MovementView[], own: string): string[] {
  return tableLines(movements, [
    { title: 'WHEN', value: ({ atMs }) => new Date(atMs).toISOString().slice(0, 19) },
    {
      title: 'CREDITS',
      value: ({ from, microCredits }) =>
        `${from === own ? '-' : '+'}${formatCredits(BigInt(microCredits))}`,
    },
    { title: 'WHAT', value: ({ kind }) => WORDS[kind] },
    { title: 'WITH', value: ({ job, from, to }) => job ?? (from === own ? to : from) },
  ]);
}
