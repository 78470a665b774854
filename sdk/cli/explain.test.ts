/** `idlewave jobs explain`, as it is read. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShardExplanation } from '../../shared/protocol/job.ts';
import { doneView } from '../testing/jobViews.ts';
import { scriptedServer, type Handler, type ScriptedServer } from '../testing/scriptedServer.ts';
import { ranCli } from './testing/ranCli.ts';

const agreed = (who: string) => ({
  id: `asg_${who}`,
  contributor: `c_${who}`,
  host: 'host',
  state: 'judged',
  engine: 'wasm' as const,
  verdict: 'agree',
  reason: 'agreed with the quorum',
  probes: 0,
});
const shard = (index: number, changes: Partial<ShardExplanation> = {}): ShardExplanation => ({
  shard: `job_1.${index}`,
  index,
  state: 'settled',
  items: 2,
  reason: 'the reports agreed',
  assignments: [agreed('a'), agreed('b')],
  checked: [`The reports of shard ${index} were compared.`],
  cost: { executions: 4, sampledLater: 0, text: '4 executions for 2 items' },
  remains: { wrongItems: 0.0025, text: 'Both may lie: 0.25 %.' },
  ...changes,
});
const open = (index: number) =>
  shard(index, { state: 'open', reason: 'waits for a host', assignments: [], checked: [] });
const explaining: Handler = ({ path }) => {
  if (!path.includes('/explain')) return { json: doneView() };
  const shards = [0, 1, 2, 4].map((index) => shard(index));
  return {
    json: { waiting: [], shards: path.endsWith('?shard=4') ? [shard(4)] : [...shards, open(3)] },
  };
};

let server: ScriptedServer;
beforeEach(async () => {
  server = await scriptedServer(explaining);
});
afterEach(() => server.close());

describe('jobs', () => {
  it('explain tells alike shards once, with an example, and others by themselves', async () => {
    const { code, out } = await ranCli(['jobs', 'explain', 'job_1'], server);
    expect(code).toBe(0);
    expect(out).toContain('Checking   quorum=2 (asked for: auto). It is the cheapest.');
    expect(out).toContain('Risk       At most 0.25 % are wrong.');
    expect(out).toContain('4 shards (8 items), settled: the reports agreed');
    expect(out).toContain('computed   4 by c_a (wasm, agree); 4 by c_b (wasm, agree)');
    expect(out).toContain('cost       16 executions for 8 items');
    expect(out).toContain('shards     0-2, 4');
    expect(out.match(/The reports of shard/g)).toHaveLength(1);
    expect(out).toContain('Shard 3: 2 items, open: waits for a host');
  });

  it('explain --all tells every shard, --shard one, --json everything', async () => {
    const { out: all } = await ranCli(['jobs', 'explain', 'job_1', '--all'], server);
    expect(all.match(/The reports of shard/g)).toHaveLength(4);
    expect(all).toContain('computed   by c_a (wasm), agree, agreed with the quorum');
    const { out: one, err } = await ranCli(['jobs', 'explain', 'job_1', '--shard', '1'], server);
    expect(server.requests.at(-1)!.path).toBe('/v1/jobs/job_1/explain?shard=1');
    expect([one.includes('Shard'), err]).toEqual([true, '']);
    const { out: json } = await ranCli(['jobs', 'explain', 'job_1', '--json'], server);
    const [job, first] = json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(job).toMatchObject({
      type: 'waiting',
      summary: doneView().summary,
      odds: { liars: 0.05 },
    });
    expect(first).toEqual({ type: 'shard', ...shard(0) });
    const beyond = await ranCli(['jobs', 'explain', 'job_1', '--shard', '2'], server);
    expect(beyond).toMatchObject({ code: 2 });
    expect(beyond.err).toContain('from 0 to 1');
  });
});
