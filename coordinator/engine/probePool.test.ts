import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ContributorId, ShardId } from '../../shared/ids.ts';
import { ProbePool, type Asker } from './probePool.ts';

const asker = (engines: Asker['capabilities']['engines']): Asker => ({
  contributor: 'c_me' as ContributorId,
  cohort: 'c_me',
  capabilities: { engines, adapter: 'Vendor G1', memoryBytes: 0 },
});

/** Half of the sources are of the asker's GPU class. */
function poolOf(classes: readonly string[]): ProbePool {
  const pool = new ProbePool(randomBytes);
  classes.forEach((engineClass, index) => {
    const who = `c_${index}` as ContributorId;
    const items = Array.from({ length: 64 }, (_, row) => 64 * index + row);
    const shard = `shd_${index}` as ShardId;
    pool.add({ shard, contributor: who, cohort: who, engineClass, items });
  });
  return pool;
}

/** Probes whose other opinion is of the asker's class, in parts of all. */
function alikeOf(pool: ProbePool, of: Asker, classes: readonly string[]): number {
  const probes = pool.choose(of, 128);
  expect(probes.length).toBeGreaterThan(100);
  const alike = probes.filter(({ item }) => classes[Math.floor(item / 64)] === 'webgpu/vendor g1');
  return alike.length / probes.length;
}

it('probes come from other GPU classes where there are any: one driver is wrong everywhere alike', () => {
  const classes = Array.from({ length: 40 }, (_, i) => (i % 2 ? 'wasm' : 'webgpu/vendor g1'));
  expect(alikeOf(poolOf(classes), asker(['webgpu', 'wasm']), classes)).toBeLessThan(0.25);
  // To a host without a GPU all are the same.
  expect(alikeOf(poolOf(classes), asker(['wasm']), classes)).toBeGreaterThan(0.35);
});

it('they come from its own class where there is no other', () => {
  const classes = Array.from({ length: 40 }, () => 'webgpu/vendor g1');
  expect(alikeOf(poolOf(classes), asker(['webgpu']), classes)).toBe(1);
});
