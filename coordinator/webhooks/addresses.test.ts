/** Where a webhook may lead: nowhere inside the coordinator's own network, however the address is written. */
import { describe, expect, it } from 'vitest';
import { isPublicAddress, webhookUrl } from './addresses.ts';

describe('addresses', () => {
  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
    ...['172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.88.99.1', '192.168.1.1'],
    ...['198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1'],
    ...['255.255.255.255', '::', '::1', '::ffff:8.8.8.8', '::ffff:127.0.0.1', '64:ff9b::a00:1'],
    ...['fc00::1', 'fd12::1', 'fe80::1', 'fec0::1', 'ff02::1', '2001::1', '2001:db8::1'],
    ...['2002:7f00:1::', '3fff::1', '2606:4700::1%eth0', 'localhost', ''],
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    ...['1.1.1.1', '8.8.8.8', '100.63.255.255', '172.15.0.1', '172.32.0.1', '192.167.0.1'],
    ...['198.17.0.1', '223.255.255.255', '2001:4860:4860::8888', '2606:4700::1111', '2a00::1'],
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('URLs', () => {
  it.each([
    ['no URL', 'events'],
    ['plain http', 'http://a.example/'],
    ['another scheme', 'file:///etc/passwd'],
    ['a name and password', 'https://user:secret@a.example/'],
    ['the name of this machine', 'https://LOCALHOST./'],
    ['a name inside this machine', 'https://api.localhost/'],
    ['a private address', 'https://10.0.0.1/'],
    ['the metadata service', 'https://169.254.169.254/latest'],
    ['an address as one number', 'https://2130706433/'],
    ['an octal address', 'https://0177.0.0.1/'],
    ['a short address', 'https://127.1/'],
    ['a wide full stop', 'https://127。0。0。1/'],
    ['the loopback of IPv6', 'https://[::1]/'],
    ['an address of version 4 inside one of version 6', 'https://[::ffff:10.0.0.1]/'],
  ])('with %s are refused', (_name, url) => {
    const read = webhookUrl(url, 'public');
    expect(read.ok ? null : read.error).toMatchObject({
      code: 'webhook-url-refused',
      field: 'url',
    });
    expect(JSON.stringify(read)).not.toContain('secret');
  });

  it('over https to a name or public address are taken', () => {
    for (const url of ['https://a.example/x?y=1', 'https://a.example:8443/', 'https://[2a00::1]/'])
      expect(webhookUrl(url, 'public').ok).toBe(true);
  });

  it('are taken as they are on a private network, and nowhere where there are none', () => {
    expect(webhookUrl('http://127.0.0.1:8080/', 'private').ok).toBe(true);
    expect(webhookUrl('ftp://127.0.0.1/', 'private').ok).toBe(false);
    const off = webhookUrl('https://a.example/', 'none');
    expect(off.ok ? null : off.error.code).toBe('webhooks-off');
  });
});
