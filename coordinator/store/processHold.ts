/**
 * An exclusive hold of a directory by one process, for databases that take none themselves.
 *
 * Who wants the directory writes a claim, a file of its own name in `holders/`, and only then looks at the
 * others. Of two claimants the later always sees the earlier, so two never hold at once; and nothing is ever
 * stolen: only the claim of a process that is proven dead is removed. No timer, no heartbeat.
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreHeldError, StoreLostError } from './store.ts';

/** Two that start at the same moment both step back; with random pauses one of them soon finds it free. */
const ATTEMPTS = 5;
const MAX_PAUSE_MS = 60;

/** Who holds: told to a person, and compared with the processes that live. */
interface Claim {
  readonly pid: number;
  readonly host: string;
  /** Kernel ticks at which the process began, since boot; tells a reused pid. Null where `/proc` is absent. */
  readonly startTicks: string | null;
  readonly since: string;
}

export interface ProcessHold {
  /** False once somebody removed the claim. */
  stands(): Promise<boolean>;
  /** What to say then. */
  lossError(): StoreLostError;
  release(): Promise<void>;
}

/** Throws `StoreHeldError` while another process that may be alive, or this one, holds the directory. */
export async function holdDirectory(directory: string): Promise<ProcessHold> {
  const holders = join(directory, 'holders');
  await mkdir(holders, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const path = join(holders, `${process.pid}-${randomUUID()}.json`);
    await writeClaim(path);
    const other = await otherClaim(holders, path);
    if (other === null) return holdOf(directory, path);
    await rm(path, { force: true });
    if (attempt === ATTEMPTS) throw new StoreHeldError(heldMessage(directory, other));
    await sleep(Math.random() * MAX_PAUSE_MS);
  }
}

function holdOf(directory: string, path: string): ProcessHold {
  return {
    stands: () =>
      access(path).then(
        () => true,
        () => false,
      ),
    lossError: () =>
      new StoreLostError(
        `the hold on ${directory} was removed (${path}): nothing more is written. Restart this coordinator, ` +
          'and make sure that no other one uses the directory.',
      ),
    release: () => rm(path, { force: true }),
  };
}

async function writeClaim(path: string): Promise<void> {
  const claim: Claim = {
    pid: process.pid,
    host: hostname(),
    startTicks: await startTicksOf(process.pid),
    since: new Date().toISOString(),
  };
  await writeFile(path, JSON.stringify(claim), { flag: 'wx' });
}

interface OtherClaim {
  readonly path: string;
  readonly claim: Claim | null;
}

/** A claim that may be of a living process. Removes those of dead ones on the way. */
async function otherClaim(holders: string, own: string): Promise<OtherClaim | null> {
  for (const name of await readdir(holders)) {
    const path = join(holders, name);
    if (path === own) continue;
    const pid = Number.parseInt(name, 10);
    const claim = await readClaim(path);
    if (claim === 'gone') continue;
    if (await isDead(path, pid, claim)) await rm(path, { force: true });
    else return { path, claim };
  }
  return null;
}

async function readClaim(path: string): Promise<Claim | null | 'gone'> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Claim;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    // Being written at this moment, or cut off by a crash: the name still says the pid.
    return null;
  }
}

/** True only where it is proven. */
async function isDead(path: string, pid: number, claim: Claim | null): Promise<boolean> {
  // Processes of another machine or container cannot be looked at from here.
  if (claim !== null && claim.host !== hostname()) return false;
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  const startTicks = await startTicksOf(pid);
  if (claim !== null && claim.startTicks !== null && startTicks !== null) {
    if (claim.startTicks !== startTicks) return true;
  }
  // The pid lives, but the claim is older than the machine's last start: another process has that pid now.
  const BOOT_SLACK_MS = 5_000;
  const bootMs = Date.now() - uptime() * 1000 - BOOT_SLACK_MS;
  const written = await stat(path).catch(() => null);
  return written !== null && written.mtimeMs < bootMs;
}

/** Field 22 of `/proc/<pid>/stat`; the command in field 2 may hold spaces and brackets. */
async function startTicksOf(pid: number): Promise<string | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function heldMessage(directory: string, { path, claim }: OtherClaim): string {
  const who =
    claim === null
      ? 'another process'
      : `process ${claim.pid} on ${claim.host}, since ${claim.since}`;
  const what =
    claim?.host !== hostname()
      ? `Stop it there. If it is certain that it no longer runs, remove ${path} and start again.`
      : 'Stop it first, or start this coordinator with another data directory.';
  return `the store in ${directory} is held by ${who}. ${what}`;
}
