/**
 * Following one job to its end: progress for a person, or one object per change with `--json`.
 *
 * With an output, takes what settles as it does. Never cancels: a watcher that is interrupted says how to resume, and the job goes on.
 */
import type { JobView } from '../../shared/protocol/job.ts';
import type { Job } from '../job.ts';
import { CliError, EXIT } from './exitCode.ts';
import { statusText } from './jobText.ts';
import { startProgress } from './progress.ts';
import { printable } from './table.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

/** The state in which the job ended. Throws `CliError` 130 where the signal was aborted. */
export async function watchJob(
  job: Job,
  terminal: Terminal,
  signal: AbortSignal,
  output?: Output,
): Promise<JobView> {
  let taken = -1;
  const progress = startProgress(terminal, printable(job.view.name));
  try {
    for await (const view of job.events(signal)) {
      terminal.object({ type: 'job', ...view });
      const done = view.items.settled + view.items.failed;
      const kind = view.waiting[0]?.code ?? view.state;
      progress.update({ done, total: view.items.total, text: statusText(view), kind });
      if (output !== undefined && done > taken) {
        taken = done;
        await output.drain(job, signal);
      }
    }
    return job.view;
  } catch (thrown) {
    if (signal.aborted) throw interrupted(job, output);
    throw thrown;
  } finally {
    progress.end();
  }
}

const interrupted = (job: Job, output: Output | undefined): CliError =>
  new CliError(
    EXIT.interrupted,
    `Stopped watching; the job goes on. To resume: idlewave jobs results ${job.id} --watch` +
      (output === undefined ? '\n' : ` --output ${output.path}, or the same command again\n`) +
      `To stop the job itself: idlewave jobs cancel ${job.id}`,
  );
