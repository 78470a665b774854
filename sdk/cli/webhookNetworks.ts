/**
 * Where a coordinator may post webhooks, as its operator says. A proxy may stand before one that listens on loopback
 * only, so no place is trusted unasked.
 */
import { WEBHOOK_NETWORKS, type WebhookNetworks } from '../../shared/webhookNetworks.ts';
import { usageError } from './exitCode.ts';

export function webhookNetworks(text = 'public'): WebhookNetworks {
  const networks = WEBHOOK_NETWORKS.find((it) => it === text);
  if (networks !== undefined) return networks;
  throw usageError(`--webhook-networks: expected ${WEBHOOK_NETWORKS.join(', ')}\n  came: ${text}`);
}
