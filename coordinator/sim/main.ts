/**
 * `npm run sim`: the whole network on a virtual clock, from the command line. `npm run sim -- odds`: what
 * verification lets through, over millions of assignments.
 */
import { Command } from 'commander';
import { oddsCommand } from './odds/oddsCommand.ts';
import { DEFAULT_SIM, Simulation } from './simulation.ts';

const program = new Command('sim')
  .description('Simulates the network: real engine and protocol, virtual clock, seeded')
  .option('--seed <n>', 'seed of everything', Number, DEFAULT_SIM.seed)
  .option('--hosts <n>', 'volunteers', Number, DEFAULT_SIM.hosts)
  .option('--liars <fraction>', 'fraction of them that report wrong values', Number, 0)
  .option('--failing <fraction>', 'fraction that reports errors', Number, 0)
  .option('--silent <fraction>', 'fraction that takes work and vanishes', Number, 0)
  .option('--jobs <n>', 'jobs', Number, DEFAULT_SIM.jobs)
  .option('--items <n>', 'items of each job', Number, DEFAULT_SIM.itemsPerJob)
  .option(
    '--policy <policy>',
    'quorum=K, or referee (quorum 2, the referee as second opinion)',
    'quorum=2',
  )
  .option('--loss <fraction>', 'messages that are lost', Number, 0)
  .option('--doubling <fraction>', 'messages that come twice', Number, 0)
  .option('--restarts <n>', 'times the coordinator is killed', Number, 0)
  .option('--json', 'one JSON object')
  .enablePositionalOptions()
  .addCommand(oddsCommand())
  .action(simulate);
await program.parseAsync();

async function simulate(): Promise<void> {
  const options = program.opts<Record<string, number | string | boolean | undefined>>();
  const number = (name: string): number => {
    const value = options[name];
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      program.error(`--${name}: expected a number of at least 0`, { exitCode: 2 });
    }
    return value as number;
  };

  const policy = /^quorum=([1-7])$/.exec(String(options['policy']));
  if (policy === null && options['policy'] !== 'referee') {
    program.error('--policy: expected quorum=1 to quorum=7, or referee', { exitCode: 2 });
  }
  const simulation = new Simulation({
    seed: number('seed'),
    hosts: number('hosts'),
    liars: number('liars'),
    failing: number('failing'),
    silent: number('silent'),
    jobs: number('jobs'),
    itemsPerJob: number('items'),
    loss: number('loss'),
    doubling: number('doubling'),
    restarts: number('restarts'),
    verification: {
      kind: 'quorum',
      quorum: policy === null ? 2 : Number(policy[1]),
      secondOpinion: policy === null ? 'referee' : 'contributors',
    },
  });
  await simulation.start();
  await simulation.run();
  const report = await simulation.report();
  if (options['json'] === true) console.log(JSON.stringify(report));
  else
    for (const [name, value] of Object.entries(report))
      console.log(name.padEnd(22), JSON.stringify(value));
  process.exitCode = report.wrong === 0 && report.settled === report.items ? 0 : 1;
}
