/**
 * `idlewave webhooks`: where events of an API key's jobs and batches are posted to, and what became of them.
 */
import type { Command } from 'commander';
import {
  WEBHOOK_EVENTS,
  type WebhookDelivery,
  type WebhookEventType,
} from '../../../shared/protocol/webhooks.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { CliError, EXIT, usageError } from '../exitCode.ts';
import { printable, tableLines } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';

interface WebhooksOptions extends ConnectionOptions {
  readonly json?: true;
}

interface AddOptions extends WebhooksOptions {
  readonly events?: readonly string[];
}

export const addWebhooksCommand = (program: Command, io: Io): void => {
  const webhooks = program
    .command('webhooks')
    .description('tell a server of yours, signed, when your jobs and batches have ended');
  const sub = (usage: string, description: string): Command =>
    withConnection(webhooks.command(usage))
      .description(description)
      .option('--json', 'one JSON object per line on standard output');

  sub('add <url>', 'register an endpoint; prints its secret, which is never shown again')
    .option('--events <types...>', `which events: ${WEBHOOK_EVENTS.join(', ')} (default all)`)
    .action(async (url: string, options: AddOptions) => {
      const events = options.events?.map(eventType);
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const spec = events === undefined ? { url } : { url, events };
      const created = await client.webhooks.create(spec, { signal: io.signal });
      terminal.object({ type: 'webhook', ...created });
      terminal.line(`${created.id} ${created.secret}`);
      terminal.note('Keep the secret: verifyWebhook(secret, headers, body) needs it.');
      terminal.note(`Try it: idlewave webhooks test ${created.id}`);
    });

  sub('ls', 'list them').action(async (options: WebhooksOptions) => {
    const terminal = new Terminal(io, options.json === true);
    const rows = await connect(options, io, terminal).webhooks.list({ signal: io.signal });
    for (const row of rows) terminal.object({ type: 'webhook', ...row });
    const lines = tableLines(rows, [
      { title: 'WEBHOOK', value: (row) => row.id },
      { title: 'STATE', value: ({ disabled }) => (disabled === null ? 'on' : 'disabled') },
      { title: 'URL', value: (row) => row.url },
      {
        title: 'EVENTS',
        value: ({ events }) => (events.length === WEBHOOK_EVENTS.length ? 'all' : events.join(' ')),
      },
    ]);
    for (const line of lines) terminal.line(line);
    for (const { id, disabled } of rows)
      if (disabled !== null) terminal.note(`${id}: ${printable(disabled.why)}`);
  });

  sub('rm <id>', 'remove one, with what was on its way to it').action(
    async (id: string, options: WebhooksOptions) => {
      const terminal = new Terminal(io, options.json === true);
      await connect(options, io, terminal).webhooks.delete(id, { signal: io.signal });
      terminal.object({ type: 'removed', id });
      terminal.line(`Removed ${id}`);
    },
  );

  sub('test <id>', 'post a ping now; exits with 1 where it is not taken').action(
    async (id: string, options: WebhooksOptions) => {
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const tested = await client.webhooks.test(id, { signal: io.signal });
      terminal.object({ type: 'test', webhook: id, ...tested });
      const { status, error, tookMs } = tested;
      if (error !== null)
        throw new CliError(EXIT.failed, `The ping was not taken: ${printable(error)}`);
      terminal.line(`Answered ${status} in ${tookMs} ms`);
    },
  );

  sub('deliveries <id>', 'its last events: what was tried, when, and why it did not arrive').action(
    async (id: string, options: WebhooksOptions) => {
      const terminal = new Terminal(io, options.json === true);
      const rows = await connect(options, io, terminal).webhooks.deliveries(id, {
        signal: io.signal,
      });
      for (const row of rows) terminal.object({ type: 'delivery', webhook: id, ...row });
      const lines = tableLines(rows, [
        { title: 'WHEN', value: ({ atMs }) => timeText(atMs) },
        { title: 'EVENT', value: (row) => row.eventType },
        { title: 'OF', value: (row) => row.event.replace(/^evt_/, '') },
        { title: 'STATE', value: (row) => row.state },
        { title: 'ATTEMPTS', value: (row) => String(row.attempts.length), align: 'right' },
        { title: 'WHY', value: whyText },
      ]);
      for (const line of lines) terminal.line(line);
    },
  );
};

function eventType(text: string): WebhookEventType {
  const type = WEBHOOK_EVENTS.find((it) => it === text);
  if (type !== undefined) return type;
  throw usageError(`--events: expected ${WEBHOOK_EVENTS.join(', ')}\n  came: ${text}`);
}

const timeText = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

function whyText({ why, attempts, nextAttemptAtMs }: WebhookDelivery): string {
  if (why !== null) return why;
  const error = attempts.at(-1)?.error ?? null;
  if (error === null || nextAttemptAtMs === null) return '';
  return `${error}; again at ${timeText(nextAttemptAtMs)}`;
}
