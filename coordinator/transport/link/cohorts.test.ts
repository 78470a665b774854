import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ContributorId } from '../../../shared/ids.ts';
import { addressOf, cohortOf } from './cohorts.ts';

describe('cohortOf', () => {
  const ME = 'c_me' as ContributorId;
  const SECRET = 'secret';
  const of = (address: string) => cohortOf('auto', address, ME, SECRET);

  it.each([
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '10.1.2.3',
    '192.168.1.7',
    '172.16.0.1',
    '172.31.255.1',
    '169.254.1.1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'fc00::1',
    '::ffff:10.0.0.1',
    'unknown',
    '',
  ])('%s says nothing: the contributor alone counts', (address) => {
    expect(of(address)).toBe('c_me');
  });

  it('IPv4: one /24 is one cohort', () => {
    expect(of('203.0.113.7')).toMatch(/^net:[0-9a-f]{16}$/);
    expect(of('203.0.113.250')).toBe(of('203.0.113.7'));
    expect(of('::ffff:203.0.113.9')).toBe(of('203.0.113.7'));
    expect(of('203.0.114.7')).not.toBe(of('203.0.113.7'));
    for (const outside of ['172.15.0.1', '172.32.0.1', '11.0.0.1', '192.169.0.1']) {
      expect(of(outside)).toMatch(/^net:/);
    }
  });

  it('IPv6: one /48 is one cohort, however it is written', () => {
    expect(of('2001:db8:1:2:3:4:5:6')).toMatch(/^net:[0-9a-f]{16}$/);
    expect(of('2001:db8:1::9')).toBe(of('2001:db8:1:2:3:4:5:6'));
    expect(of('2001:db8::1')).toBe(of('2001:db8:0:7::1'));
    expect(of('2001:db8:2::1')).not.toBe(of('2001:db8:1::1'));
  });

  it('an operator may count networks also where they are private, or none at all', () => {
    expect(cohortOf('network', '127.0.7.1', ME, SECRET)).toMatch(/^net:/);
    expect(cohortOf('network', 'unknown', ME, SECRET)).toBe('c_me');
    expect(cohortOf('contributor', '203.0.113.7', ME, SECRET)).toBe('c_me');
  });

  it('its name says nothing of the network to whoever does not know the secret', () => {
    expect(cohortOf('auto', '203.0.113.7', ME, 'another')).not.toBe(of('203.0.113.7'));
  });
});

describe('addressOf', () => {
  const of = (forwarded: string | undefined, trustedProxies: number) =>
    addressOf(
      {
        socket: { remoteAddress: '127.0.0.1' },
        headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      } as unknown as IncomingMessage,
      trustedProxies,
    );

  it('believes no header unless a proxy is trusted', () => {
    expect(of('203.0.113.7', 0)).toBe('127.0.0.1');
    expect(of('203.0.113.7', 1)).toBe('203.0.113.7');
  });

  it('counts from the right: what a stranger wrote is further left', () => {
    expect(of('1.2.3.4, 203.0.113.7', 1)).toBe('203.0.113.7');
    expect(of('1.2.3.4, 203.0.113.7, 198.51.100.1', 2)).toBe('203.0.113.7');
  });

  it('falls back to the socket where the header has no address there', () => {
    for (const bad of [undefined, '', 'nobody', 'a, b']) expect(of(bad, 1)).toBe('127.0.0.1');
    expect(of('203.0.113.7', 2)).toBe('127.0.0.1');
  });
});
