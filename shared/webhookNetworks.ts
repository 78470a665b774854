/**
 * Where webhooks may be delivered: over https to public addresses, also over http and to any address (which gives whoever
 * has a key a way to services behind the coordinator's firewall), or nowhere.
 */
export const WEBHOOK_NETWORKS = ['public', 'private', 'none'] as const;
export type WebhookNetworks = (typeof WEBHOOK_NETWORKS)[number];
