/** Hosts that wait for a place get ready for it, and are the first to have it. */
import { describe, expect, it } from 'vitest';
import { needsOf } from '../swarms/needs.ts';
import type { StagedHost, StagedRig } from '../testing/stagedRig.ts';
import { expectRight, startStaged, stopStagedRigs } from '../testing/stagedRuns.ts';

stopStagedRigs();

const prepared = ({ link }: StagedHost) => link.all('prepare').map(({ program }) => program);
const isSeated = ({ link }: StagedHost): boolean => link.all('route').length > 0;
const programsOf = ({ job }: StagedRig): unknown[] => {
  const { program } = job;
  return program.kind !== 'staged'
    ? []
    : program.stages.map((model) => ({ kind: 'onnx', model, itemsPerRun: program.itemsPerRun }));
};

describe('spares of a route', () => {
  it('load one stage each, once, and whoever has a place loads nothing more', async () => {
    const staged = await startStaged(3);
    await staged.joinAll('a', 'b', 'c', 'd', 'e', 'f', 'g');
    for (let sweeps = 0; sweeps < 4; sweeps++) await staged.rig.sweep();
    const spares = staged.hosts.filter((host) => !isSeated(host));
    const loaded = spares.flatMap(prepared);
    expect(loaded).toEqual(expect.arrayContaining(programsOf(staged)));
    expect(loaded).toHaveLength(3);
    for (const host of staged.hosts.filter(isSeated)) expect(prepared(host)).toEqual([]);
    await staged.finish();
    await expectRight(staged);
  });

  it('may get what they were told to load from others, and nothing else', async () => {
    const staged = await startStaged(3);
    await staged.joinAll('a', 'b', 'c', 'd', 'e');
    await staged.rig.sweep();
    const { engine } = staged.rig;
    let spares = 0;
    for (const host of engine.hosts.all()) {
      const { link } = staged.hosts.find((it) => it.link === host.link)!;
      if (link.all('route').length > 0) continue;
      const told = link
        .all('prepare')
        .flatMap(({ program }) => (program.kind === 'onnx' ? [program.model] : []));
      spares += told.length;
      const needs = needsOf(engine.work, engine.routes.spares, host);
      expect(needs.flatMap(({ blobs }) => blobs)).toEqual(told);
    }
    expect(spares).toBeGreaterThan(0);
  });

  it.each([0, 1, 2])('the one that is ready follows the host of stage %i', async (stage) => {
    const staged = await startStaged(3);
    await staged.joinAll('a', 'b', 'c', 'd', 'e', 'f', 'g');
    await staged.rig.sweep();
    const ready = staged.hosts.find(
      (host) => JSON.stringify(prepared(host)[0]) === JSON.stringify(programsOf(staged)[stage]),
    )!;
    const gone = staged.hosts.find(({ link }) => link.all('route')[0]?.first === stage)!;
    await staged.leave(gone);
    expect(ready.link.all('route').at(-1)).toMatchObject({ first: stage, last: stage });
    await staged.finish();
    await expectRight(staged);
  });

  it('a spare that goes is followed by another', async () => {
    const staged = await startStaged(2);
    await staged.joinAll('a', 'b', 'c', 'd', 'e');
    await staged.rig.sweep();
    const [first] = staged.hosts.filter((host) => prepared(host).length > 0);
    const late = staged.hosts.filter((host) => !isSeated(host) && prepared(host).length === 0);
    await staged.leave(first!);
    await staged.rig.sweep();
    expect(late.flatMap(prepared)).toEqual(prepared(first!));
  });

  it('a host that reaches nobody runs the model alone until two come that can do it faster', async () => {
    const staged = await startStaged(2, { items: 400, shards: 50 });
    const capabilities = { engines: ['wasm' as const], adapter: 'a', memoryBytes: 2 ** 32 };
    const alone = await staged.join('a', undefined, { capabilities });
    expect(alone.link.all('route')).toHaveLength(1);
    await staged.joinAll('b', 'c');
    await staged.rig.sweep();
    await staged.finish();
    await expectRight(staged);
  });
});
