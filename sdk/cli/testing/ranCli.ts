/** A command line that ran without a process: what it wrote where, and how it ended. */
import type { ScriptedServer } from '../../testing/scriptedServer.ts';
import { runCli } from '../cli.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Against the server, where there is one. */
export async function ranCli(
  argv: readonly string[],
  server: ScriptedServer | undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  let out = '';
  let err = '';
  const stdout = { write: (text: string) => (out += text) };
  const stderr = { write: (text: string) => (err += text) };
  const env = server === undefined ? {} : { IDLEWAVE_URL: server.url, IDLEWAVE_KEY: 'k' };
  return { code: await runCli([...argv], { stdout, stderr, env, signal }), out, err };
}
