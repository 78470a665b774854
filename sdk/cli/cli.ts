/**
 * The command line as a function: arguments and streams in, an exit code out.
 *
 * Touches no process: `main.ts` does, and tests give their own streams.
 */
import { Command, CommanderError } from 'commander';
import { messageOf } from '../../shared/result.ts';
import { IdlewaveError } from '../error.ts';
import { addContributeCommand } from './commands/contribute.ts';
import { addCreditsCommand } from './commands/credits.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addJobsCommand } from './commands/jobs.ts';
import { addKeysCommand } from './commands/keys.ts';
import { addLedgerCommand } from './commands/ledger.ts';
import { addModelsCommand } from './commands/models.ts';
import { addRunCommand } from './commands/run.ts';
import { addServeCommand } from './commands/serve.ts';
import { addSitesCommand } from './commands/sites.ts';
import { addSplitCommand } from './commands/split.ts';
import { addSubmitCommand } from './commands/submit.ts';
import { addWebhooksCommand } from './commands/webhooks.ts';
import { CliError, EXIT, EXIT_HELP, exitCodeOf, type ExitCode } from './exitCode.ts';
import type { Io } from './terminal.ts';

/** `argv` without the interpreter and the script. Never throws. */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    await buildProgram(io).parseAsync([...argv], { from: 'user' });
    return EXIT.ok;
  } catch (thrown) {
    return report(thrown, argv, io);
  }
}

export function buildProgram(io: Io): Command {
  const program = new Command('idlewave')
    .description('volunteer compute on WebGPU: post batch jobs, get verified results back')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride()
    .addHelpText('after', EXIT_HELP);
  addSubmitCommand(program, io);
  addRunCommand(program, io);
  addJobsCommand(program, io);
  addModelsCommand(program, io);
  addContributeCommand(program, io);
  addSplitCommand(program, io);
  addServeCommand(program, io);
  addKeysCommand(program, io);
  addSitesCommand(program, io);
  addWebhooksCommand(program, io);
  addCreditsCommand(program, io);
  addLedgerCommand(program, io);
  addDemoCommand(program, io);
  return program;
}

function report(thrown: unknown, argv: readonly string[], io: Io): ExitCode {
  if (thrown instanceof CommanderError) {
    // Commander has written the help or the complaint itself.
    return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (thrown instanceof CliError) {
    io.stderr.write(`${thrown.message}\n`);
    return thrown.exitCode;
  }
  if (io.signal.aborted) {
    io.stderr.write('Interrupted.\n');
    return EXIT.interrupted;
  }
  if (thrown instanceof IdlewaveError) {
    const json = argv.includes('--json');
    io.stderr.write(`${json ? JSON.stringify(thrown.problem) : thrown.message}\n`);
    if (thrown.problem.status === 401 && !json) io.stderr.write(KEY_HINT);
    return exitCodeOf(thrown);
  }
  io.stderr.write(`${messageOf(thrown)}\n`);
  if (io.env['IDLEWAVE_DEBUG'] !== undefined && thrown instanceof Error) {
    io.stderr.write(`${thrown.stack ?? ''}\n`);
  }
  return EXIT.failed;
}

const KEY_HINT =
  '  pass --key or set IDLEWAVE_KEY. With the admin token that serve printed, a key is made by:\n' +
  '  idlewave keys create NAME --key ADMIN_TOKEN\n';
