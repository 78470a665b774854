/** API keys: shown once, kept as hashes, revocable; and the operator's routes for them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyView } from '../../shared/protocol/job.ts';
import { openMemoryStore } from '../store/memoryStore.ts';
import { HttpRig } from './testing/httpRig.ts';
import { Keys } from './keys.ts';

const keysOf = async (secret = 'secret') => {
  const store = await openMemoryStore();
  return { store, keys: new Keys(store, secret, () => 7_000) };
};

describe('Keys', () => {
  it('a key is found by itself, and only by itself', async () => {
    const { keys } = await keysOf();
    const { id, key } = await keys.create('mine');
    expect(key).toMatch(/^iwk_[0-9a-f]{48}$/);
    expect((await keys.find(key))?.id).toBe(id);
    expect(await keys.find(`${key}0`)).toBeNull();
    expect(await keys.find(key.toUpperCase())).toBeNull();
    expect(await keys.find('')).toBeNull();
  });

  it('the store never sees the key', async () => {
    const { keys, store } = await keysOf();
    const { key } = await keys.create('mine');
    const [kept] = await store.keys();
    expect(JSON.stringify(kept)).not.toContain(key);
    expect(JSON.stringify(kept)).not.toContain(key.slice(4));
    expect(kept).toMatchObject({ name: 'mine', createdAtMs: 7_000, revokedAtMs: null });
    expect(await keys.find(kept!.hash)).toBeNull();
  });

  it('a revoked key opens nothing, and is revoked once', async () => {
    const { keys } = await keysOf();
    const { id, key } = await keys.create('mine');
    expect(await keys.revoke(id)).toBe(true);
    expect(await keys.find(key)).toBeNull();
    expect(await keys.revoke(id)).toBe(false);
    expect((await keys.list())[0]).toMatchObject({ revokedAtMs: 7_000 });
  });

  it('the admin token follows from the secret: the same after a restart, another elsewhere', async () => {
    const [{ keys: a }, { keys: again }, { keys: b }] = [
      await keysOf(),
      await keysOf(),
      await keysOf('other'),
    ];
    expect(a.adminToken).toBe(again.adminToken);
    expect(a.adminToken).not.toBe(b.adminToken);
    expect([a.adminToken, b.adminToken, '', 'iwa_'].map((token) => a.isAdminToken(token))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(a.adminToken).not.toContain('secret');
  });
});

describe('the operator’s routes', () => {
  let http: HttpRig;
  beforeAll(async () => {
    http = await HttpRig.started();
  });
  afterAll(() => http.close());

  it('make, list and revoke keys; a key is shown only once', async () => {
    const admin = { key: http.keys.adminToken };
    const made = await http.ask('/v1/keys', { ...admin, body: { name: 'new author' } });
    expect(made.status).toBe(201);
    const { id, key } = (await made.json()) as { id: string; key: string };
    expect(await http.json('/v1/jobs', { key })).toEqual({ rows: [], next: null });
    const listed = await http.json<{ rows: KeyView[] }>('/v1/keys', admin);
    expect(listed.rows.map(({ name }) => name).sort()).toEqual(['author', 'new author']);
    expect(JSON.stringify(listed)).not.toMatch(/hash|iwk_/);
    const revoked = await http.ask(`/v1/keys/${id}`, { ...admin, method: 'DELETE' });
    expect([revoked.status, await revoked.text()]).toEqual([204, '']);
    expect(await http.problem('/v1/jobs', { key })).toMatchObject({ code: 'not-authenticated' });
    expect(await http.problem(`/v1/keys/${id}`, { ...admin, method: 'DELETE' })).toMatchObject({
      code: 'not-found',
    });
  });

  it('are nobody else’s', async () => {
    for (const method of ['GET', 'DELETE']) {
      const path = method === 'GET' ? '/v1/keys' : '/v1/keys/key_1';
      expect(await http.problem(path, { method })).toMatchObject({
        code: 'not-allowed',
        status: 403,
      });
      expect(await http.problem(path, { method, key: null })).toMatchObject({
        code: 'not-authenticated',
      });
    }
  });
});
