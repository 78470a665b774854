/**
 * `npm run sim`: the whole network on a virtual clock, from the command line. `npm run sim -- odds`: what
 * verification lets through, over millions of assignments.
 */
import { Command } from 'commander';
import { oddsCommand } from './odds/oddsCommand.ts';
import { MATMUL, MONTECARLO } from './simProgram.ts';
import { DEFAULT_SIM, type SimOptions } from './simOptions.ts';
import { Simulation } from './simulation.ts';

const program = new Command('sim')
  .description('Simulates the network: real engine and protocol, virtual clock, seeded')
  .option('--seed <n>', 'seed of everything', Number, DEFAULT_SIM.seed)
  .option('--hosts <n>', 'volunteers', Number, DEFAULT_SIM.hosts)
  .option('--liars <fraction>', 'fraction of them that report wrong values', Number, 0)
  .option('--failing <fraction>', 'fraction that reports errors', Number, 0)
  .option('--subtle <fraction>', 'fraction that spoils one element of each report', Number, 0)
  .option('--silent <fraction>', 'fraction that takes work and vanishes', Number, 0)
  .option('--jobs <n>', 'jobs', Number, DEFAULT_SIM.jobs)
  .option('--items <n>', 'items of each job', Number, DEFAULT_SIM.itemsPerJob)
  .option('--per-shard <n>', 'items of a shard', Number, DEFAULT_SIM.itemsPerShard)
  .option(
    '--policy <policy>',
    'quorum=K, referee (quorum 2, the referee as second opinion), algebraic (matrix products), or ' +
      'sampled (the referee makes up for what hosts do not check)',
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

  const verification = verificationOf(String(options['policy']));
  const simulation = new Simulation({
    program: verification.kind === 'algebraic' ? MATMUL : MONTECARLO,
    seed: number('seed'),
    hosts: number('hosts'),
    liars: number('liars'),
    failing: number('failing'),
    silent: number('silent'),
    subtle: number('subtle'),
    jobs: number('jobs'),
    itemsPerJob: number('items'),
    itemsPerShard: number('perShard'),
    loss: number('loss'),
    doubling: number('doubling'),
    restarts: number('restarts'),
    verification,
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

function verificationOf(policy: string): SimOptions['verification'] {
  if (policy === 'algebraic') return { kind: 'algebraic' };
  if (policy === 'sampled') return { kind: 'sampled', secondOpinion: 'referee' };
  if (policy === 'referee') return { kind: 'quorum', quorum: 2, secondOpinion: 'referee' };
  const quorum = /^quorum=([1-7])$/.exec(policy);
  if (quorum !== null) {
    return { kind: 'quorum', quorum: Number(quorum[1]), secondOpinion: 'contributors' };
  }
  return program.error('--policy: expected quorum=1 to quorum=7, referee, algebraic or sampled', {
    exitCode: 2,
  });
}
