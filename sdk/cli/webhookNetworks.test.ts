/** An author's key is no way into the coordinator's network, unless its operator says so. */
import { expect, it } from 'vitest';
import { webhookNetworks } from './webhookNetworks.ts';

it('is public addresses unless something else is said', () => {
  expect(webhookNetworks(undefined)).toBe('public');
  expect(webhookNetworks('private')).toBe('private');
  expect(webhookNetworks('none')).toBe('none');
  expect(() => webhookNetworks('all')).toThrow(
    '--webhook-networks: expected public, private, none',
  );
});
