/**
 * `idlewave sites`: the sites that an API key has registered, and what their visitors share with them.
 */
import type { Command } from 'commander';
import { MAX_SHARED_PERCENT } from '../../../shared/limits.ts';
import { formatCredits } from '../../../shared/units.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { parseCredits, parseInteger } from '../numbers.ts';
import { printable, tableLines } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';

interface SitesOptions extends ConnectionOptions {
  readonly json?: true;
}

interface AddOptions extends SitesOptions {
  readonly origin: readonly string[];
  readonly share: string;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

export const addSitesCommand = (program: Command, io: Io): void => {
  const sites = program
    .command('sites')
    .description('sites that send volunteers here, and what these share with them');
  const sub = (usage: string, description: string): Command =>
    withConnection(sites.command(usage))
      .description(description)
      .option('--json', 'one JSON object per line on standard output');

  sub('add <name>', 'register a site; visitors name it by ?site=ID')
    .requiredOption('--origin <origin>', 'where it is, such as https://example.org', collect)
    .option('--share <percent>', 'what to ask of its visitors’ earnings; they decide', '0')
    .action(async (name: string, options: AddOptions) => {
      const proposedPercent = parseInteger('--share', options.share, 0, MAX_SHARED_PERCENT);
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const spec = { name, origins: [...options.origin], proposedPercent };
      const site = await client.addSite(spec, { signal: io.signal });
      terminal.object({ type: 'site', ...site });
      terminal.line(site.id);
      terminal.note(`Send visitors to ${client.url}/?site=${site.id}`);
      terminal.note('or put the widget on your pages:');
      terminal.note(`<script type="module" src="${client.url}/widget.js"></script>`);
      terminal.note(`<idlewave-widget site="${site.id}"></idlewave-widget>`);
    });

  sub('ls', 'list them, with what they have').action(async (options: SitesOptions) => {
    const terminal = new Terminal(io, options.json === true);
    const rows = await connect(options, io, terminal).sites({ signal: io.signal });
    for (const row of rows) terminal.object({ type: 'site', ...row });
    const lines = tableLines(rows, [
      { title: 'SITE', value: (row) => row.id },
      { title: 'CREDITS', value: (row) => formatCredits(BigInt(row.balance)), align: 'right' },
      { title: 'ASKS', value: (row) => `${row.proposedPercent} %`, align: 'right' },
      { title: 'ORIGINS', value: (row) => row.origins.join(' ') },
      { title: 'NAME', value: (row) => row.name },
    ]);
    for (const line of lines) terminal.line(line);
  });

  sub('days <id>', 'what was shared with it, day by day').action(
    async (id: string, options: SitesOptions) => {
      const terminal = new Terminal(io, options.json === true);
      const rows = await connect(options, io, terminal).siteDays(id, { signal: io.signal });
      for (const row of rows) terminal.object({ type: 'day', site: id, ...row });
      const lines = tableLines(rows, [
        { title: 'DAY (UTC)', value: (row) => row.day },
        {
          title: 'CREDITS',
          value: (row) => formatCredits(BigInt(row.microCredits)),
          align: 'right',
        },
        { title: 'SHARES', value: (row) => String(row.credits), align: 'right' },
      ]);
      for (const line of lines) terminal.line(line);
    },
  );

  sub('give <id> <to> <credits>', 'give credit of the site to contributor:ID, team:ID or author:ID')
    // Each order is its own.
    .action(async (id: string, to: string, amount: string, options: SitesOptions) => {
      const microCredits = parseCredits('<credits>', amount);
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const moved = await client.transferOfSite(id, to, microCredits, { signal: io.signal });
      terminal.object({ type: 'movement', ...moved });
      terminal.line(`Gave ${formatCredits(microCredits)} credits to ${printable(to)}`);
    });

  sub('remove <id>', 'remove a site whose account is empty').action(
    async (id: string, options: SitesOptions) => {
      const terminal = new Terminal(io, options.json === true);
      await connect(options, io, terminal).removeSite(id, { signal: io.signal });
      terminal.object({ type: 'removed', id });
      terminal.line(`Removed ${id}`);
    },
  );
};
