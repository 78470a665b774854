/**
 * Authors' API keys and the operator's token. A key is shown once, at creation; only its hash is kept.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { makeKeyId, type KeyId } from '../../shared/ids.ts';
import type { ApiKey, Store } from '../store/store.ts';

const KEY_BYTES = 24;
/** The operator is an author too: jobs posted with the admin token belong to this key. */
export const OPERATOR_KEY = 'operator' as KeyId;

/** Follows from the store's secret: the same after every restart, and for every coordinator of the store. */
export const adminTokenOf = (secret: string): string =>
  `iwa_${createHmac('sha256', secret).update('admin token').digest('hex').slice(0, 48)}`;

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

export class Keys {
  readonly adminToken: string;
  readonly #store: Pick<Store, 'addKey' | 'keys' | 'keyByHash' | 'revokeKey'>;
  readonly #now: () => number;

  constructor(
    store: Pick<Store, 'addKey' | 'keys' | 'keyByHash' | 'revokeKey'>,
    secret: string,
    now: () => number,
  ) {
    this.#store = store;
    this.#now = now;
    this.adminToken = adminTokenOf(secret);
  }

  isAdminToken(token: string): boolean {
    const given = Buffer.from(hashOf(token));
    return timingSafeEqual(given, Buffer.from(hashOf(this.adminToken)));
  }

  async create(name: string, isPrepaid = false): Promise<{ id: KeyId; key: string }> {
    const key = `iwk_${randomBytes(KEY_BYTES).toString('hex')}`;
    const id = makeKeyId(randomBytes);
    const createdAtMs = this.#now();
    const hash = hashOf(key);
    await this.#store.addKey({ id, name, hash, isPrepaid, createdAtMs, revokedAtMs: null });
    return { id, key };
  }

  /** Null where the key is unknown or revoked. */
  async find(key: string): Promise<ApiKey | null> {
    const found = await this.#store.keyByHash(hashOf(key));
    return found === null || found.revokedAtMs !== null ? null : found;
  }

  /** Whether there is such a key, or it is the operator's, and it is not revoked. */
  async isLiving(id: KeyId): Promise<boolean> {
    if (id === OPERATOR_KEY) return true;
    return (await this.#store.keys()).some((key) => key.id === id && key.revokedAtMs === null);
  }

  list(): Promise<readonly ApiKey[]> {
    return this.#store.keys();
  }

  revoke(id: KeyId): Promise<boolean> {
    return this.#store.revokeKey(id, this.#now());
  }
}
