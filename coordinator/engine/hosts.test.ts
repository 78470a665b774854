/** Failures of hosts that are gone: remembered, and bounded. The rest of `Hosts` is in `engine.test.ts`. */
import { describe, expect, it } from 'vitest';
import type { ContributorId, HostId } from '../../shared/ids.ts';
import { MAX_REMEMBERED_FAILURES } from '../../shared/limits.ts';
import { ALL_WORK } from '../../shared/protocol/wishes.ts';
import { Hosts, Leases, type ConnectedHost } from './hosts.ts';

const hostOf = (name: number, failuresInARow: number): ConnectedHost => ({
  contributor: `c_${name}` as ContributorId,
  own: `c_${name}` as ContributorId,
  host: 'host' as HostId,
  cohort: `c_${name}`,
  capabilities: { engines: [], adapter: '', memoryBytes: 0 },
  link: { send: () => {}, sendAssignment: () => {}, close: () => {} },
  slots: 0,
  leases: new Leases(),
  ejectedFrom: new Set(),
  wishes: ALL_WORK,
  classQuarantines: new Set(),
  driverRefuses: new Set(),
  failuresInARow,
  coolsUntilMs: 0,
  quarantinedUntilMs: 0,
  toldWaiting: null,
});

describe('hosts that are gone', () => {
  it('are remembered up to a maximum, the oldest forgotten first', () => {
    const hosts = new Hosts();
    for (let i = 0; i <= MAX_REMEMBERED_FAILURES; i++) {
      const host = hostOf(i, 5);
      hosts.add(host);
      hosts.remove(host);
    }
    expect(hosts.remembered).toBe(MAX_REMEMBERED_FAILURES);
    const [oldest, next] = [hostOf(0, 0), hostOf(1, 0)];
    hosts.add(oldest);
    hosts.add(next);
    expect([oldest.failuresInARow, next.failuresInARow]).toEqual([0, 5]);
  });

  it('need not be remembered where they did not fail', () => {
    const hosts = new Hosts();
    const host = hostOf(1, 0);
    hosts.add(host);
    expect(hosts.remove(host)).toBe(true);
    expect([hosts.remove(host), hosts.remembered]).toEqual([false, 0]);
  });
});
