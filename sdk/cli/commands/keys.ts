/**
 * `idlewave keys`: the API keys of authors. For the operator: `--key` is the admin token.
 */
import type { Command } from 'commander';
import { formatCredits } from '../../../shared/units.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { parseCredits } from '../numbers.ts';
import { printable, tableLines } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';

interface KeysOptions extends ConnectionOptions {
  readonly json?: true;
}

interface CreateOptions extends KeysOptions {
  readonly credits?: string;
}

export const addKeysCommand = (program: Command, io: Io): void => {
  const keys = program
    .command('keys')
    .description("authors' API keys (operator: --key is the admin token that serve printed)");
  const sub = (usage: string, description: string): Command =>
    withConnection(keys.command(usage), 'the admin token that serve printed')
      .description(description)
      .option('--json', 'one JSON object per line on standard output');

  sub('create <name>', 'make a key for an author; it is shown once')
    .option('--credits <credits>', 'prepaid: it spends these, and what it is granted later')
    .action(async (name: string, options: CreateOptions) => {
      const granted =
        options.credits === undefined ? null : parseCredits('--credits', options.credits);
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const call = { signal: io.signal };
      const created = await client.createKey(name, { ...call, prepaid: granted !== null });
      terminal.object({ type: 'key', name, prepaid: granted !== null, ...created });
      terminal.line(created.key);
      terminal.note(`Key ${created.id} for ${printable(name)}. It is not shown again.`);
      if (granted !== null && granted > 0n) await client.grant(created.id, granted, call);
    });

  sub('grant <id> <credits>', 'give credits to a key').action(
    async (id: string, amount: string, options: KeysOptions) => {
      const microCredits = parseCredits('<credits>', amount);
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const moved = await client.grant(id, microCredits, { signal: io.signal });
      terminal.object({ type: 'movement', ...moved });
      terminal.line(`Granted ${formatCredits(microCredits)} credits to ${id}`);
    },
  );

  sub('ls', 'list the keys').action(async (options: KeysOptions) => {
    const terminal = new Terminal(io, options.json === true);
    const client = connect(options, io, terminal);
    const rows = await client.keys({ signal: io.signal });
    for (const row of rows) terminal.object({ type: 'key', ...row });
    const day = (ms: number | null): string =>
      ms === null ? '' : new Date(ms).toISOString().slice(0, 10);
    const lines = tableLines(rows, [
      { title: 'KEY', value: (row) => row.id },
      {
        title: 'CREDITS',
        value: ({ prepaid, microCredits }) =>
          prepaid ? formatCredits(BigInt(microCredits)) : 'as needed',
      },
      { title: 'CREATED', value: (row) => day(row.createdAtMs) },
      { title: 'REVOKED', value: (row) => day(row.revokedAtMs) },
      { title: 'NAME', value: (row) => row.name },
    ]);
    for (const line of lines) terminal.line(line);
  });

  sub('revoke <id>', 'end a key; jobs posted with it go on').action(
    async (id: string, options: KeysOptions) => {
      const terminal = new Terminal(io, options.json === true);
      await connect(options, io, terminal).revokeKey(id, { signal: io.signal });
      terminal.object({ type: 'revoked', id });
      terminal.line(`Revoked ${id}`);
    },
  );
};
