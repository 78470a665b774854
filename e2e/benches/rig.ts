/**
 * What a benchmark of the whole system needs: the built page, a coordinator in its own process, a Chromium.
 *
 * Measures nothing but the coordinator's CPU time. Invariant: `stop` ends and deletes everything it made.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { assert } from '../../shared/result.ts';
import { chromiumFlags, findOrInstallBrowser } from '../../sdk/cli/browser.ts';
import { buildSite } from '../../sdk/cli/site.ts';
import { IdlewaveClient } from '../../sdk/client.ts';

export interface Rig {
  readonly url: string;
  /** With the operator's token. */
  readonly client: IdlewaveClient;
  /** For Playwright: the whole Chromium, headless, WebGPU in software. */
  readonly launch: { executablePath: string; headless: false; args: string[] };
  /** For profiles; deleted at the end. */
  readonly folder: string;
  /** CPU time of the coordinator's process so far; null where the system does not tell (not Linux). */
  coordinatorCpuSeconds(): Promise<number | null>;
  stop(): Promise<void>;
}

const readySchema = z.object({ url: z.string(), adminToken: z.string() });
const log = (text: string): void => {
  console.error(text);
};

export async function startRig(): Promise<Rig> {
  const executablePath = await findOrInstallBrowser(log);
  const built = await buildSite(log);
  assert(built !== undefined, 'a benchmark runs in a checkout, where the page can be built');
  const folder = await mkdtemp(join(tmpdir(), 'idlewave-bench-'));
  // A copy: the page may be built anew while it is being measured.
  const siteDir = join(folder, 'web');
  await cp(built, siteDir, { recursive: true });
  const child = spawnCoordinator(siteDir, join(folder, 'data'));
  const { url, adminToken } = await readyLine(child);
  return {
    url,
    client: new IdlewaveClient({ url, key: adminToken }),
    launch: { executablePath, headless: false, args: chromiumFlags('software') },
    folder,
    coordinatorCpuSeconds: () => cpuSeconds(child.pid!),
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function spawnCoordinator(siteDir: string, dataDir: string): ChildProcess {
  const script = fileURLToPath(new URL('coordinatorProcess.ts', import.meta.url));
  const args = ['--import', 'tsx', script, siteDir, dataDir];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The first line of its output; throws where it ends before. */
async function readyLine(child: ChildProcess): Promise<z.infer<typeof readySchema>> {
  const lines = createInterface({ input: child.stdout! });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the coordinator ended at its start, code ${code}`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), exited])) as [string];
  exited.catch(() => undefined);
  return readySchema.parse(JSON.parse(line));
}

/** USER_HZ, which Linux fixes at 100 on all common architectures. */
const TICKS_PER_SECOND = 100;

async function cpuSeconds(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // Fields 14 and 15 of proc(5), counted behind the name, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
