/**
 * A contributor's key in a browser: made at the first start on this origin, kept in IndexedDB.
 *
 * Invariant: where WebCrypto has Ed25519 (Chrome 137, Firefox 129, Safari 17) the secret is not extractable: no
 * script, ours included, can read it. Older browsers get @noble/ed25519, loaded only there, and their secret
 * lies as bytes in IndexedDB, readable by scripts of this origin; it moves nowhere else.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { makeHostId, type HostId } from '../../shared/ids.ts';
import type { Identity } from './ports.ts';

type StoredKey =
  | { readonly kind: 'webcrypto'; readonly pair: CryptoKeyPair }
  | { readonly kind: 'bytes'; readonly secret: Uint8Array };

interface StoredIdentity {
  readonly host: HostId;
  readonly key: StoredKey;
}

interface IdentityDb extends DBSchema {
  identity: { key: 'self'; value: StoredIdentity };
}

const DATABASE = 'idlewave-identity';

/** Throws where the browser gives no storage: a contributor without a lasting key could keep no credit. */
export async function browserIdentity(): Promise<Identity> {
  const db = await open();
  try {
    return await identityOf((await db.get('identity', 'self')) ?? (await make(db)));
  } finally {
    db.close();
  }
}

let session: Promise<Identity> | undefined;

/** The kept key; where the browser gives no storage, as it may in a frame of another page, one for as long as this lives. */
export async function sessionIdentity(): Promise<{ identity: Identity; isKept: boolean }> {
  try {
    return { identity: await browserIdentity(), isKept: true };
  } catch {
    session ??= makeStored().then(identityOf);
    return { identity: await session, isKept: false };
  }
}

/** The key is gone for good; the next `browserIdentity` makes another. */
export async function forgetBrowserIdentity(): Promise<void> {
  const db = await open();
  try {
    await db.delete('identity', 'self');
  } finally {
    db.close();
  }
}

const open = (): Promise<IDBPDatabase<IdentityDb>> =>
  openDB<IdentityDb>(DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore('identity');
    },
  });

/** Two tabs may start at once: whoever writes first decides, and both read what was written. */
async function make(db: IDBPDatabase<IdentityDb>): Promise<StoredIdentity> {
  const made = await makeStored();
  const transaction = db.transaction('identity', 'readwrite');
  const existing = await transaction.store.get('self');
  if (existing === undefined) await transaction.store.put(made, 'self');
  await transaction.done;
  return existing ?? made;
}

const makeStored = async (): Promise<StoredIdentity> => ({
  host: makeHostId((length) => crypto.getRandomValues(new Uint8Array(length))),
  key: await makeKey(),
});

async function makeKey(): Promise<StoredKey> {
  try {
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    return { kind: 'webcrypto', pair };
  } catch {
    // No Ed25519, or no secure context and so no WebCrypto at all.
    const { utils } = await import('@noble/ed25519');
    return { kind: 'bytes', secret: utils.randomSecretKey() };
  }
}

async function identityOf({ host, key }: StoredIdentity): Promise<Identity> {
  switch (key.kind) {
    case 'webcrypto': {
      const { publicKey, privateKey } = key.pair;
      const raw = await crypto.subtle.exportKey('raw', publicKey);
      return {
        host,
        publicKey: bytesToHex(new Uint8Array(raw)),
        async sign(message) {
          const bytes = message as Uint8Array<ArrayBuffer>;
          return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes));
        },
      };
    }
    case 'bytes': {
      const ed25519 = await import('@noble/ed25519');
      const { sha512 } = await import('@noble/hashes/sha2.js');
      ed25519.hashes.sha512 = sha512;
      return {
        host,
        publicKey: bytesToHex(ed25519.getPublicKey(key.secret)),
        sign: (message) => Promise.resolve(ed25519.sign(message, key.secret)),
      };
    }
    default:
      return key satisfies never;
  }
}
