/** Wishes over a link: obeyed from the next assignment on, told to the author in numbers, bounded. */
import { afterEach, describe, expect, it } from 'vitest';
import type { JobId, KeyId } from '../../../shared/ids.ts';
import { MAX_RATE_PERCENT, MAX_WISHED_IDS } from '../../../shared/limits.ts';
import { ALL_WORK } from '../../../shared/protocol/wishes.ts';
import { quorumOf } from '../../core/testing/work.ts';
import { LinkRig } from '../testing/linkRig.ts';

const links: LinkRig[] = [];
async function started(): Promise<LinkRig> {
  const link = await LinkRig.started();
  links.push(link);
  return link;
}
afterEach(async () => {
  for (const { rig } of links.splice(0)) await rig.engine.stop();
});

describe('wishes', () => {
  it('hold from the next assignment on, over the same link, and are obeyed as they change', async () => {
    const link = await started();
    const jobs = [];
    for (const author of ['key_a', 'key_b'] as KeyId[]) {
      const id = `job_${author}` as JobId;
      const policy = { items: 30, shards: 3, verification: quorumOf(1) };
      jobs.push(await link.rig.post({ id, author, ...policy }));
    }
    const host = await link.welcomed(1);
    const authors = () => host.assignments.map(({ message }) => message.author);
    expect(authors()).toEqual(['key_a']);
    const without = (ids: string[]) => ({
      type: 'wishes',
      wishes: { ...ALL_WORK, authors: { not: ids, only: [] } },
    });
    await host.say(without(['key_a']));
    await host.deliver(0);
    await host.deliver(1);
    expect(authors()).toEqual(['key_a', 'key_b', 'key_b']);
    await host.say(without(['key_a', 'key_b']));
    await host.deliver(2);
    expect(authors()).toHaveLength(3);
    expect(host.last('waiting').code).toBe('not-wished');
    expect(link.rig.engine.waitingOf(await link.rig.job(jobs[0]!.id))).toContainEqual(
      expect.objectContaining({
        code: 'excluded',
        text: '1 volunteer excludes it: 1 by its author.',
      }),
    );
    await host.say(without([]));
    expect(authors().at(-1)).toBe('key_a');
    expect(host.refusals).toEqual([]);
  });

  it('beyond their limits are refused, and change nothing', async () => {
    const link = await started();
    const host = await link.welcomed(1);
    const ids = Array.from({ length: MAX_WISHED_IDS + 1 }, (_, i) => `key_${i}`);
    for (const wishes of [
      { ...ALL_WORK, authors: { not: ids, only: [] } },
      { ...ALL_WORK, jobs: { not: [], only: ids } },
      { ...ALL_WORK, leastRatePercent: MAX_RATE_PERCENT + 1 },
      { ...ALL_WORK, kind: 'mining' },
    ]) {
      await host.say({ type: 'wishes', wishes });
    }
    expect(host.refusals).toEqual(Array(4).fill('invalid-field'));
    await link.rig.post({ items: 10, shards: 1 });
    expect(host.assignments).toHaveLength(1);
  });
});
