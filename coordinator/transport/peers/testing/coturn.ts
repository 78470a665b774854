/** coturn on loopback, where the machine has it: the TURN server that operators run. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createSocket } from 'node:dgram';
import { delimiter, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../../../../shared/result.ts';
import { writeStun } from './stun.ts';

export const NO_COTURN = 'no coturn on this machine (turnserver, in PATH or TURNSERVER_PATH)';
const START_DEADLINE_MS = 10_000;

/** Null where there is none. */
export async function startCoturn(
  secret: string,
): Promise<{ readonly url: string; close(): Promise<void> } | null> {
  const named = process.env['TURNSERVER_PATH'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    ...(named === undefined ? [] : [named]),
    ...folders.map((it) => join(it, 'turnserver')),
  ];
  const binary = candidates.find((path) => existsSync(path));
  if (binary === undefined) return null;
  const port = await freePort();
  // It makes its tables in a new file; without a database it refuses every credential.
  const directory = await mkdtemp(join(tmpdir(), 'idlewave-coturn-'));
  const child = spawn(
    binary,
    [
      ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '--log-file=stdout'],
      ...['--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=idlewave.test'],
      ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`],
      ...['--allow-loopback-peers', '--pidfile=/dev/null', `--userdb=${join(directory, 'turndb')}`],
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  process.once('exit', () => child.kill('SIGKILL'));
  await answers(port);
  return {
    url: `turn:127.0.0.1:${port}?transport=udp`,
    async close() {
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Until it answers a binding request. */
async function answers(port: number): Promise<void> {
  const socket = createSocket('udp4');
  let isThere = false;
  socket.on('message', () => (isThere = true));
  for (let waitedMs = 0; !isThere; waitedMs += 100) {
    assert(waitedMs < START_DEADLINE_MS, 'coturn did not start');
    socket.send(writeStun(1, randomBytes(12), []), port, '127.0.0.1');
    await sleep(100);
  }
  socket.close();
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
