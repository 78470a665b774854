/** Whom an author is told of: volunteers who could and would not, each once, and by which wish. */
import { expect, it } from 'vitest';
import type { ContributorId } from '../../shared/ids.ts';
import { ALL_WORK, type Wishes } from '../../shared/protocol/wishes.ts';
import { jobOf } from '../core/testing/work.ts';
import { exclusionsOf, exclusionsText } from './exclusions.ts';
import type { ConnectedHost } from './hosts.ts';

const hostOf = (who: string, wishes: Wishes, memoryBytes = 2 ** 30): ConnectedHost =>
  ({
    contributor: who as ContributorId,
    capabilities: { engines: ['cpu'], adapter: '', memoryBytes },
    wishes,
    coolsUntilMs: 0,
    quarantinedUntilMs: 0,
    ejectedFrom: new Set(),
    classQuarantines: new Set(),
    driverRefuses: new Set(),
  }) as unknown as ConnectedHost;

const textOf = (...hosts: ConnectedHost[]) =>
  exclusionsText(exclusionsOf(jobOf(), { all: () => hosts.values() }, 0));

const NOT_HIM: Wishes = { ...ALL_WORK, authors: { not: ['key_1'], only: [] } };
const DEARER: Wishes = { ...ALL_WORK, leastRatePercent: 101 };

it('nobody excludes what everybody takes, or nobody is there', () => {
  expect(textOf()).toBeNull();
  expect(textOf(hostOf('a', ALL_WORK))).toBeNull();
});

it('counts volunteers, not devices, by the wish that stands against it', () => {
  expect(textOf(hostOf('a', NOT_HIM), hostOf('a', NOT_HIM), hostOf('b', DEARER))).toBe(
    '2 volunteers exclude it: 1 by its author, 1 by its rate',
  );
  expect(textOf(hostOf('a', { ...ALL_WORK, kind: 'model' }))).toBe(
    '1 volunteer excludes it: 1 by its kind of work',
  );
});

it('leaves out who could not anyway, and who does with another device', () => {
  expect(textOf(hostOf('a', NOT_HIM, -1))).toBeNull();
  expect(textOf(hostOf('a', NOT_HIM), hostOf('a', ALL_WORK))).toBeNull();
});
