/** The account's routes: who may ask what, and what each refusal is called. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountView, LinkCodeView } from '../../../shared/protocol/account.ts';
import { consentText } from '../../../shared/signedRequest.ts';
import { CHALLENGE_LIFETIME_MS, LINK_CODE_LIFETIME_MS } from '../../../shared/limits.ts';
import { HttpRig } from '../testing/httpRig.ts';
import { ORIGIN, makeKeyPair, type KeyPair } from '../testing/linkRig.ts';
import { signedCalls } from '../testing/signedCalls.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());

const { nonceOf, bodyOf, ask, send } = signedCalls(() => http);

const linkTo = async (
  account: KeyPair,
  device: KeyPair,
  deviceName = 'Laptop',
): Promise<AccountView> => {
  const { code } = await ask<LinkCodeView>(account, 'codes');
  return ask(device, 'link', { code, deviceName });
};

/** With the agreement of the phrase's key, or of what stands in for it. */
async function withPhrase(keys: KeyPair, action: string, phrase: KeyPair, by = phrase, more = {}) {
  const nonce = await nonceOf();
  const text = consentText({ publicKey: keys.publicKey, origin: ORIGIN, nonce, action });
  const fields = { recoveryKey: phrase.publicKey, recoveryProof: by.sign(text), ...more };
  return ask(keys, action, fields, { nonce });
}

describe('a signed request', () => {
  it('shows the account of its key, which needs not have computed anything', async () => {
    const keys = makeKeyPair();
    expect(await ask(keys, 'show')).toMatchObject({
      contributor: expect.stringMatching(/^c_/) as unknown,
      name: null,
      microCredits: '0',
      devices: [],
      hasRecovery: false,
    });
  });

  it('is good once', async () => {
    const body = await bodyOf(makeKeyPair(), 'show');
    expect(await send('show', body)).toMatchObject({ name: null });
    expect(await send('show', body)).toBe('challenge-used');
  });

  it('is good for its origin, action, fields and time', async () => {
    const keys = makeKeyPair();
    expect(await ask(keys, 'show', {}, { origin: 'https://evil.example' })).toBe('wrong-origin');
    expect(await ask(keys, 'delete', {}, { signedFor: 'show' })).toBe('bad-signature');
    expect(await ask(keys, 'show', {}, { nonce: '00'.repeat(32) })).toBe('challenge-unknown');
    const named = await bodyOf(keys, 'name', { name: 'Ada' });
    expect(await send('name', { ...named, name: 'Eve' })).toBe('bad-signature');
    const other = { ...named, publicKey: makeKeyPair().publicKey };
    expect(await send('name', other)).toBe('bad-signature');
    expect(await send('name', { ...named, origin: 'https://evil.example' })).toBe('bad-signature');
    // None of these has used its challenge up.
    expect(await send('name', named)).toMatchObject({ name: 'Ada' });
    const late = await bodyOf(keys, 'show');
    http.links.rig.nowMs += CHALLENGE_LIFETIME_MS;
    expect(await send('show', late)).toBe('challenge-expired');
  });

  it.each([
    ['a field more', { surplus: 1 }],
    ['a name with a line break', { name: 'a\nb' }],
    ['a name too long', { name: 'x'.repeat(41) }],
  ])('with %s is refused', async (_, fields) => {
    expect(await ask(makeKeyPair(), 'name', { name: null, ...fields })).toBe('invalid-field');
  });
});

describe('names', () => {
  it('are shown to everybody, and taken away again', async () => {
    const keys = makeKeyPair();
    const { contributor } = await ask(keys, 'name', { name: 'Ada' });
    expect(await http.json(`/v1/contributors/${contributor}`)).toMatchObject({ name: 'Ada' });
    const { rows } = await http.json<{ rows: { id: string; name?: string }[] }>('/v1/leaderboard');
    expect(rows.find(({ id }) => id === contributor)?.name).toBe('Ada');
    await ask(keys, 'name', { name: null });
    expect(await http.json(`/v1/contributors/${contributor}`)).not.toHaveProperty('name');
  });
});

describe('listing', () => {
  it('is by the account’s own word, in every leaderboard and export from the next round on', async () => {
    const keys = makeKeyPair();
    const { contributor, listed } = await ask(keys, 'show');
    const job = { items: 1, verification: { kind: 'quorum', quorum: 1 } };
    await http.post(job);
    const host = await http.links.welcomed(1, 'host', keys);
    await host.deliver();
    const isSeen = async (): Promise<boolean[]> => {
      await http.stats.make();
      const paths = ['leaderboard/all.json', 'leaderboard/day.json', 'contributors.csv'];
      const seen = [...paths.map((it) => `/v1/stats/${it}`), '/v1/leaderboard'].map(async (path) =>
        (await (await http.ask(path)).text()).includes(contributor),
      );
      return Promise.all(seen);
    };
    expect([listed, await isSeen()]).toEqual([true, [true, true, true, true]]);
    const hidden = await ask(keys, 'listing', { listed: false });
    expect([hidden.listed, await isSeen()]).toEqual([false, [false, false, false, false]]);
    // What is done meanwhile counts, and is not shown either.
    await http.post(job);
    await host.say({ type: 'want', count: 1 });
    await host.deliver(1);
    expect(await isSeen()).toEqual([false, false, false, false]);
    expect((await ask(keys, 'listing', { listed: true })).listed).toBe(true);
    expect(await isSeen()).toEqual([true, true, true, true]);
    await ask(keys, 'listing', { listed: false });
    await ask(keys, 'delete');
    expect(await isSeen()).toEqual([false, false, false, false]);
  });
});

describe('linking', () => {
  it('a code links one device', async () => {
    const [ada, laptop, thief] = [makeKeyPair(), makeKeyPair(), makeKeyPair()];
    const { contributor } = await ask(ada, 'show');
    const { code } = await ask<LinkCodeView>(ada, 'codes');
    const linked = await ask(laptop, 'link', { code, deviceName: 'Laptop' });
    expect(linked.contributor).toBe(contributor);
    expect(linked.devices.map(({ name, isThis }) => [name, isThis]).sort()).toEqual([
      ['First device', false],
      ['Laptop', true],
    ]);
    expect(await ask(thief, 'link', { code, deviceName: 'x' })).toBe('link-code-used');
    // The linked device may do what the first one may.
    expect(await linkTo(laptop, makeKeyPair())).toMatchObject({ contributor });
  });

  it('a code of long ago, a wrong one, and too many of them', async () => {
    const [ada, laptop] = [makeKeyPair(), makeKeyPair()];
    const { code } = await ask<LinkCodeView>(ada, 'codes');
    http.links.rig.nowMs += LINK_CODE_LIFETIME_MS;
    const fields = { code, deviceName: 'x' };
    expect(await ask(laptop, 'link', fields)).toBe('link-code-expired');
    const guess = { code: '00000000', deviceName: 'x' };
    for (let i = 0; i < 10; i++) {
      expect(await ask(laptop, 'link', guess, { from: '198.51.100.7' })).toBe('link-code-unknown');
    }
    expect(await ask(laptop, 'link', guess, { from: '198.51.100.7' })).toBe('too-many-guesses');
  });

  it('a code whose device is refused is not used up', async () => {
    const [ada, bob, laptop] = [makeKeyPair(), makeKeyPair(), makeKeyPair()];
    await linkTo(bob, laptop);
    const { code } = await ask<LinkCodeView>(ada, 'codes');
    expect(await ask(laptop, 'link', { code, deviceName: 'x' })).toBe('already-linked');
    expect(await ask(makeKeyPair(), 'link', { code, deviceName: 'x' })).toMatchObject({
      name: null,
    });
  });

  it('a removed device is told so; none removes itself', async () => {
    const [ada, laptop] = [makeKeyPair(), makeKeyPair()];
    const { devices } = await linkTo(ada, laptop);
    const device = devices.find(({ isThis }) => isThis)!.id;
    expect(await ask(laptop, 'remove-device', { device })).toBe('not-allowed');
    const { code } = await ask<LinkCodeView>(laptop, 'codes');
    expect((await ask(ada, 'remove-device', { device })).devices).toHaveLength(1);
    expect(await ask(laptop, 'show')).toBe('key-retired');
    // A code that it asked for brings nobody back.
    const again = { code, deviceName: 'thief' };
    expect(await ask(makeKeyPair(), 'link', again)).toBe('link-code-unknown');
  });
});

describe('the recovery phrase', () => {
  it('brings the account back on a new device', async () => {
    const [ada, phrase, phone] = [makeKeyPair(), makeKeyPair(), makeKeyPair()];
    const { contributor } = await ask(ada, 'show');
    expect(await withPhrase(ada, 'recovery', phrase)).toMatchObject({ hasRecovery: true });
    const more = { deviceName: 'Phone' };
    expect(await withPhrase(phone, 'restore', phrase, phrase, more)).toMatchObject({ contributor });
    expect(await ask(phrase, 'show')).toBe('not-allowed');
  });

  it('takes part of its own will only', async () => {
    const [ada, victim, thief] = [makeKeyPair(), makeKeyPair(), makeKeyPair()];
    await withPhrase(ada, 'recovery', victim);
    expect(await withPhrase(thief, 'recovery', makeKeyPair(), thief)).toBe('bad-recovery-proof');
    const more = { deviceName: 'x' };
    expect(await withPhrase(thief, 'restore', victim, thief, more)).toBe('bad-recovery-proof');
    const unknown = makeKeyPair();
    expect(await withPhrase(thief, 'restore', unknown, unknown, more)).toBe('recovery-unknown');
  });
});

describe('deleting', () => {
  it('ends the account for all its keys', async () => {
    const [ada, laptop] = [makeKeyPair(), makeKeyPair()];
    const { contributor } = await ask(ada, 'name', { name: 'Ada' });
    await linkTo(ada, laptop);
    const { code } = await ask<LinkCodeView>(ada, 'codes');
    expect(await ask(laptop, 'delete')).toBe('done');
    for (const keys of [ada, laptop]) expect(await ask(keys, 'show')).toBe('key-retired');
    expect(await ask(makeKeyPair(), 'link', { code, deviceName: 'x' })).toBe('link-code-unknown');
    expect(await http.json(`/v1/contributors/${contributor}`)).not.toHaveProperty('name');
  });
});
