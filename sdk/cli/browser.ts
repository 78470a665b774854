/**
 * Finding a Chromium to compute in, installing one where none is, and the flags it is started with.
 *
 * Starts nothing itself. Browsers are looked for in the order in which a person would expect: the one that
 * was named, the machine's own, Playwright's.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { messageOf } from '../../shared/result.ts';
import { CliError, EXIT } from './exitCode.ts';

/** For every Chromium of ours. */
export const CHROMIUM_FLAGS: readonly string[] = [
  // No window, but the whole browser: the old headless mode has no WebGPU.
  '--headless=new',
  // WebGPU is behind this flag on Linux, and for adapters that are not on Chromium's list.
  '--enable-unsafe-webgpu',
  // A GPU process that crashed three times would be replaced by one without WebGPU until a restart.
  '--disable-gpu-process-crash-limit',
  // After a lost device Chromium refuses the origin a GPU until somebody reloads the page by hand.
  '--disable-domain-blocking-for-3d-apis',
  // A volunteer's browser talks to its coordinator and to nobody else.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Coordinators speak TCP; probing for HTTP/3 only delays the first connection.
  '--disable-quic',
  '--no-first-run',
];

/** WebGPU in software (SwiftShader), for machines without a GPU: correct on every machine, and slow. */
export const SOFTWARE_WEBGPU_FLAGS: readonly string[] = ['--use-webgpu-adapter=swiftshader'];

/** WebGPU on a GPU without a display: Chromium reaches it through Vulkan on Linux. */
const REAL_GPU_FLAGS: readonly string[] =
  process.platform === 'linux' ? ['--enable-features=Vulkan', '--use-angle=vulkan'] : [];

export function chromiumFlags(gpu: 'software' | 'real'): string[] {
  const flags = [
    ...CHROMIUM_FLAGS,
    ...(gpu === 'software' ? SOFTWARE_WEBGPU_FLAGS : REAL_GPU_FLAGS),
  ];
  // Chromium refuses to start as root with its sandbox, as in most containers.
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  return flags;
}

/** The path of a Chromium that can be executed. Throws `CliError` that says what to do. */
export async function findOrInstallBrowser(log: (text: string) => void): Promise<string> {
  const found = await findBrowser();
  if (found !== null) return found;
  const tried: string[] = [];
  for (const { name, command, args } of await installers()) {
    log(`No Chromium was found. Installing one: ${name} …`);
    const failure = await runInstaller(command, args);
    if (failure !== null) tried.push(`${name}: ${failure}`);
    const installed = await findBrowser();
    if (installed !== null) return installed;
  }
  throw new CliError(
    EXIT.failed,
    [
      'No Chromium or Chrome was found, and none could be installed.',
      ...tried.map((line) => `  tried: ${line}`),
      '  to do: install Chromium or Google Chrome, or set CHROMIUM_PATH to its executable,',
      '  or use --engine node, which needs no browser',
    ].join('\n'),
  );
}

/** Null where there is none. Throws where CHROMIUM_PATH names something that cannot be executed. */
export async function findBrowser(): Promise<string | null> {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return named;
    throw new CliError(
      EXIT.usage,
      `CHROMIUM_PATH: expected an executable file\n  came: ${named}\n` +
        '  to do: correct it, or unset it to let a browser be found',
    );
  }
  for (const path of [...pathCandidates(), ...usualPlaces(), ...(await playwrightBrowsers())]) {
    if (await isExecutable(path)) return path;
  }
  return null;
}

const COMMAND_NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
];

function pathCandidates(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const ending = process.platform === 'win32' ? '.exe' : '';
  return COMMAND_NAMES.flatMap((name) => folders.map((folder) => join(folder, name + ending)));
}

function usualPlaces(): string[] {
  if (process.platform === 'darwin') {
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => [
      join(folder, 'Google Chrome.app/Contents/MacOS/Google Chrome'),
      join(folder, 'Chromium.app/Contents/MacOS/Chromium'),
    ]);
  }
  if (process.platform === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((variable) => {
      const folder = process.env[variable];
      if (folder === undefined) return [];
      return ['Google/Chrome', 'Chromium'].map((p) => join(folder, p, 'Application/chrome.exe'));
    });
  }
  return ['/opt/google/chrome/chrome', '/snap/bin/chromium', '/usr/lib/chromium/chromium'];
}

/** The Chromium of this Playwright first, then of others: their builds differ little. */
async function playwrightBrowsers(): Promise<string[]> {
  // Imported here: it takes half a second, of which no other command has a use.
  const { chromium } = await import('playwright-core');
  const own = chromium.executablePath();
  // .../ms-playwright/chromium-1234/chrome-linux/chrome
  const build = dirname(dirname(own));
  const cache = dirname(build);
  const within = own.slice(build.length + 1);
  const folders = await readdir(cache).catch(() => []);
  const others = folders.filter((name) => /^chromium-\d+$/.test(name)).sort();
  return [own, ...others.reverse().map((name) => join(cache, name, within))];
}

interface Installer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

async function installers(): Promise<Installer[]> {
  const cli = createRequire(import.meta.url).resolve('playwright-core/package.json');
  const playwright = {
    name: 'playwright install chromium',
    command: process.execPath,
    args: [join(dirname(cli), 'cli.js'), 'install', 'chromium'],
  };
  if (process.getuid?.() !== 0 || !(await isDebian())) return [playwright];
  const apt = ['update', 'install -y --no-install-recommends chromium'].map((command) => ({
    name: `apt-get ${command}`,
    command: 'apt-get',
    args: command.split(' '),
  }));
  return [...apt, playwright];
}

/** Debian itself: Ubuntu's package of that name only points to a snap. */
async function isDebian(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID=debian$/m.test(release);
}

/** Null where it succeeded, else why not. Its output goes to standard error: it may take minutes. */
function runInstaller(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const child = spawn(command, args, { stdio: ['ignore', 2, 2], env });
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('exit', (code) => resolve(code === 0 ? null : `ended with ${code ?? 'a signal'}`));
  });
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
