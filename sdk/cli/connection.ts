/**
 * The options by which every command finds its coordinator, and the client they make.
 *
 * Flag first, then environment, then default (DESIGN 10).
 */
import type { Command } from 'commander';
import { IdlewaveClient } from '../client.ts';
import type { Io, Terminal } from './terminal.ts';

export const DEFAULT_PORT = 7433;
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
}

export const withUrl = (command: Command): Command =>
  command.option('--url <url>', `the coordinator (else IDLEWAVE_URL, else ${DEFAULT_URL})`);

export const withConnection = (command: Command, key = 'your API key'): Command =>
  withUrl(command).option('--key <key>', `${key} (else IDLEWAVE_KEY)`);

export const urlOf = (options: ConnectionOptions, io: Io): string =>
  options.url ?? io.env['IDLEWAVE_URL'] ?? DEFAULT_URL;

export function connect(options: ConnectionOptions, io: Io, terminal: Terminal): IdlewaveClient {
  return new IdlewaveClient({
    url: urlOf(options, io),
    key: options.key ?? io.env['IDLEWAVE_KEY'],
    onRetry: ({ why, attempt, waitMs }) => {
      const wait = `trying again in ${(waitMs / 1000).toFixed(1)} s`;
      // The first failure is worth a line; after that every fourth, so that a restart is not a flood.
      if (attempt % 4 === 1) terminal.note(`The coordinator did not answer (${why}); ${wait}.`);
    },
  });
}
