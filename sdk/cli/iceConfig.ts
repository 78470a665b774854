/**
 * The STUN and TURN servers that an operator names, checked before anything starts.
 */
import { readFile } from 'node:fs/promises';
import { MAX_NAME_CHARS } from '../../shared/limits.ts';
import { messageOf } from '../../shared/result.ts';
import { usageError } from './exitCode.ts';

/** What a browser accepts (RFC 7064, 7065); a wrong one would throw in every volunteer's page. */
const STUN_URL = /^stuns?:(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i;
const TURN_URL = /^turns?:(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?$/i;
/** More only make browsers slower to connect. */
const MAX_SERVERS = 8;
/** coturn itself advises at least this much. */
const MIN_SECRET_CHARS = 16;

export interface NamedServers {
  readonly stun: readonly string[];
  readonly turn: readonly string[];
}

export async function iceConfig(
  { stun, turn }: NamedServers,
  secretFile: string | undefined,
): Promise<NamedServers & { readonly turnSecret: string | null }> {
  checkUrls('--stun', stun, STUN_URL, 'stun:host:port');
  checkUrls('--turn', turn, TURN_URL, 'turn:host:port?transport=udp');
  if (turn.length > 0 && secretFile === undefined) {
    throw usageError(
      '--turn: expected --turn-secret-file, the secret that the TURN servers know\n' +
        '  to do: put the value of coturn’s static-auth-secret into a file, and name it',
    );
  }
  if (turn.length === 0 && secretFile !== undefined) {
    throw usageError('--turn-secret-file: expected --turn, the servers that know the secret');
  }
  return { stun, turn, turnSecret: secretFile === undefined ? null : await secretIn(secretFile) };
}

function checkUrls(flag: string, urls: readonly string[], form: RegExp, expected: string): void {
  if (urls.length > MAX_SERVERS) {
    throw usageError(`${flag}: expected at most ${MAX_SERVERS} servers\n  came: ${urls.length}`);
  }
  for (const url of urls) {
    if (form.test(url) && url.length <= MAX_NAME_CHARS) continue;
    throw usageError(`${flag}: expected ${expected}\n  came: ${url.slice(0, MAX_NAME_CHARS)}`);
  }
}

async function secretIn(file: string): Promise<string> {
  let secret: string;
  try {
    secret = (await readFile(file, 'utf8')).trim();
  } catch (thrown) {
    throw usageError(`--turn-secret-file: ${file} cannot be read\n  came: ${messageOf(thrown)}`);
  }
  if (secret.length >= MIN_SECRET_CHARS) return secret;
  throw usageError(
    `--turn-secret-file: expected a secret of at least ${MIN_SECRET_CHARS} characters\n` +
      `  came: ${secret.length} in ${file}`,
  );
}
