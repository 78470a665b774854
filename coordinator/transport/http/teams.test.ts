/** Teams, shares and gifts over HTTP: who may ask what, and what each refusal is called. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contributorAccount, teamAccount } from '../../../shared/ledger.ts';
import type { ContributorId, TeamId } from '../../../shared/ids.ts';
import { MAX_TEAM_MEMBERS } from '../../../shared/limits.ts';
import type { AccountView, LinkCodeView } from '../../../shared/protocol/account.ts';
import type { MovementView } from '../../../shared/protocol/ledger.ts';
import type { OwnSite, TeamView } from '../../../shared/protocol/sharing.ts';
import { newContributor } from '../../core/newContributor.ts';
import { NO_CHANGES } from '../../store/testing/records.ts';
import { contributorIdOf } from '../link/proof.ts';
import { HttpRig } from '../testing/httpRig.ts';
import { makeKeyPair, type KeyPair } from '../testing/linkRig.ts';
import { signedCalls } from '../testing/signedCalls.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
});
afterAll(() => http.close());
const { ask } = signedCalls(() => http);

const OPEN = { join: 'open', maxMembers: 9 } as const;
let named = 0;
const freshName = (): string => `Team ${(named += 1)}`;

/** Somebody who has computed something. */
async function veteran(): Promise<KeyPair> {
  const keys = makeKeyPair();
  const record = newContributor(contributorIdOf(keys.publicKey), keys.publicKey, 1);
  await http.links.rig.store.commit({
    ...NO_CHANGES,
    contributors: [{ ...record, verifiedItems: 1 }],
  });
  return keys;
}

async function founder(rules: object = OPEN, name = freshName()) {
  const keys = await veteran();
  const view = await ask(keys, 'team-create', { name, ...rules });
  const team = view.sharing.team!;
  return { keys, view, team, id: team.id };
}

const join = (keys: KeyPair, team: string, code: string | null = null) =>
  ask(keys, 'team-join', { team, code });
const teamOf = async (keys: KeyPair) => (await ask(keys, 'show')).sharing.team;
const idOf = (keys: KeyPair): ContributorId => contributorIdOf(keys.publicKey);
const viewOf = (id: string) => http.json<TeamView>(`/v1/teams/${id}`, { key: null });

let granted = 0;
const grant = (keys: KeyPair, microCredits: bigint) =>
  http.links.rig.engine.payments.move({
    ...{ type: 'grant', id: `g${(granted += 1)}`, to: contributorAccount(idOf(keys)) },
    ...{ microCredits, atMs: 1 },
  } as const);
let orders = 0;
const give = (keys: KeyPair, to: string, microCredits: string, more: object = {}) =>
  ask(keys, 'give', { from: 'own', to, microCredits, idempotencyKey: `${(orders += 1)}`, ...more });

describe('a team', () => {
  it('is founded by whoever has computed something, and seen by everybody', async () => {
    expect(await ask(makeKeyPair(), 'team-create', { name: freshName(), ...OPEN })).toBe(
      'team-needs-work',
    );
    const { keys, id, team } = await founder({ join: 'code', maxMembers: 2 }, 'The Waves');
    expect(team).toMatchObject({ name: 'The Waves', isFounder: true, members: 1, balance: '0' });
    expect(team.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    const view = await viewOf(id);
    expect(view).toMatchObject({ name: 'The Waves', founder: idOf(keys), join: 'code' });
    expect(view.people).toMatchObject([{ id: idOf(keys) }]);
    // The code is its founder's to tell.
    expect(JSON.stringify(view)).not.toContain(team.code);
    const { rows } = await http.json<{ rows: { id: string }[] }>('/v1/teams', { key: null });
    expect(rows.map((row) => row.id)).toContain(id);
    const behind = await http.json<{ rows: unknown[] }>(`/v1/teams?cursor=${rows.at(-1)!.id}`);
    expect(behind.rows).toEqual([]);
    const { id: later } = await founder();
    const again = await http.json<{ rows: { id: string }[] }>('/v1/teams', { key: null });
    expect(again.rows.map((row) => row.id)).toEqual([...rows.map((row) => row.id), later].sort());
    expect(await http.problem('/v1/teams/team_none')).toMatchObject({ code: 'not-found' });
  });

  it.each(['Café', 'CAFÉ', 'Cafe\u0301', 'Ｃａｆé'])('has a name of its own: %s', async (name) => {
    await founder(OPEN, 'Café').catch(() => undefined);
    expect(await ask(await veteran(), 'team-create', { name, ...OPEN })).toBe('team-name-taken');
  });

  it.each([
    ['no name', { name: '' }],
    ['a name that cannot be seen', { name: '\u2800' }],
    ['no room', { maxMembers: 0 }],
    ['too much room', { maxMembers: MAX_TEAM_MEMBERS + 1 }],
    ['another rule', { join: 'maybe' }],
  ])('with %s is refused', async (_, wrong) => {
    const fields = { name: freshName(), ...OPEN, ...wrong };
    expect(await ask(await veteran(), 'team-create', fields)).toBe('invalid-field');
  });

  it('is joined by its code, by as many as it takes, each in one at most', async () => {
    const { id, team } = await founder({ join: 'code', maxMembers: 2 });
    const [a, b] = [makeKeyPair(), makeKeyPair()];
    expect(await join(a, id)).toBe('team-code-wrong');
    expect(await join(a, id, '00000000')).toBe('team-code-wrong');
    const joined = await join(a, id, team.code);
    expect(joined.sharing).toMatchObject({ team: { id, code: null }, teamPercent: 0 });
    expect(await join(a, id, team.code)).toMatchObject({ sharing: { team: { members: 2 } } });
    expect(await join(b, id, team.code)).toBe('team-full');
    const other = await founder();
    expect(await join(a, other.id)).toBe('team-member');
    expect(await ask(other.keys, 'team-create', { name: freshName(), ...OPEN })).toBe(
      'team-member',
    );
    expect(await ask(a, 'team-leave')).toMatchObject({ sharing: { team: null } });
    expect(await ask(a, 'team-leave')).toBe('team-not-member');
    expect(await join(b, id, team.code)).toMatchObject({ sharing: { team: { id } } });
  });

  it('is changed by its founder alone', async () => {
    const { keys, id, team } = await founder({ join: 'code', maxMembers: 3 });
    const member = makeKeyPair();
    await join(member, id, team.code);
    const rules = { join: 'code', maxMembers: 5, newCode: true };
    for (const [action, fields] of [
      ['team-change', rules],
      ['team-remove', { member: idOf(keys) }],
      ['team-hand-over', { to: idOf(member) }],
      ['team-dissolve', {}],
      ['give', { from: 'team', to: 'team:x', microCredits: '1', idempotencyKey: 'x' }],
    ] as const)
      expect(await ask(member, action, fields), action).toBe('not-allowed');
    const changed = await ask(keys, 'team-change', rules);
    expect(changed.sharing.team).toMatchObject({ maxMembers: 5 });
    expect(changed.sharing.team!.code).not.toBe(team.code);
    expect(await join(makeKeyPair(), id, team.code)).toBe('team-code-wrong');
    expect(await ask(keys, 'team-change', { ...rules, maxMembers: 1 })).toBe('invalid-field');
    expect(await ask(keys, 'team-remove', { member: idOf(keys) })).toBe('team-founder');
    expect(await ask(keys, 'team-remove', { member: 'c_nobody' })).toBe('team-not-member');
    await ask(keys, 'team-remove', { member: idOf(member) });
    expect(await teamOf(member)).toBeNull();
  });

  it('goes to another member, or away with its credit', async () => {
    const { keys, id, view } = await founder();
    const heir = makeKeyPair();
    expect(await ask(keys, 'team-hand-over', { to: idOf(heir) })).toBe('team-not-member');
    await join(heir, id);
    expect(await ask(keys, 'team-leave')).toBe('team-founder');
    await ask(keys, 'team-hand-over', { to: idOf(heir) });
    expect(await teamOf(heir)).toMatchObject({ isFounder: true });
    expect(await ask(keys, 'team-leave')).toMatchObject({ sharing: { team: null } });
    await grant(keys, 100n);
    expect(await give(keys, `team:${id}`, '100')).toMatchObject({ balance: '0' });
    expect((await viewOf(id)).balance).toBe('100');
    expect(await ask(heir, 'team-dissolve')).toMatchObject({ balance: '100' });
    expect(await http.problem(`/v1/teams/${id}`)).toMatchObject({ code: 'not-found' });
    expect(await give(heir, `team:${id}`, '1')).toBe('account-unknown');
    // Its name is free again.
    await founder(OPEN, view.sharing.team!.name);
  });

  it('goes on without an account that is deleted or linked elsewhere', async () => {
    const { keys, id } = await founder();
    const [second, third] = [makeKeyPair(), makeKeyPair()];
    await join(second, id);
    await join(third, id);
    expect(await ask(keys, 'delete')).toBe('done');
    expect((await viewOf(id)).founder).toBe(idOf(second));
    const account = makeKeyPair();
    const { code } = await ask<LinkCodeView>(account, 'codes');
    await ask(second, 'link', { code, deviceName: 'Laptop' });
    const { founder: last, people } = await viewOf(id);
    expect([last, people.length]).toEqual([idOf(third), 1]);
    // The last one takes along what the team has.
    await grant(third, 7n);
    await give(third, `team:${id}`, '7');
    const next = await ask<LinkCodeView>(account, 'codes');
    await ask(third, 'link', { code: next.code, deviceName: 'Phone' });
    expect(await http.problem(`/v1/teams/${id}`)).toMatchObject({ code: 'not-found' });
    expect(await ask(account, 'show')).toMatchObject({ balance: '7', sharing: { team: null } });
  });
});

describe('a share', () => {
  const addSite = async (proposedPercent = 10): Promise<OwnSite> => {
    const body = { name: 'A site', origins: ['https://a.example'], proposedPercent };
    return http.json<OwnSite>('/v1/sites', { body });
  };
  const share = (
    keys: KeyPair,
    teamPercent: number,
    site: { id: string; percent: number } | null = null,
  ) => ask(keys, 'share', { teamPercent, site });

  it('is nothing until it is chosen, and never more than all', async () => {
    const { keys } = await founder();
    const site = await addSite();
    expect((await ask(keys, 'show')).sharing).toMatchObject({ teamPercent: 0, sites: [] });
    expect(await share(keys, 20)).toMatchObject({ sharing: { teamPercent: 20 } });
    const both = await share(keys, 60, { id: site.id, percent: 40 });
    expect(both.sharing).toMatchObject({
      teamPercent: 60,
      sites: [{ id: site.id, name: 'A site', percent: 40 }],
    });
    expect(await share(keys, 61)).toBe('shares-too-large');
    expect(await share(keys, 101)).toBe('invalid-field');
    expect(await share(keys, 0.5)).toBe('invalid-field');
    expect(await share(keys, -1)).toBe('invalid-field');
    expect(await share(keys, 60, { id: site.id, percent: 0 })).toMatchObject({
      sharing: { sites: [] },
    });
  });

  it('goes to a team that one is in, and to a site that is there', async () => {
    const keys = makeKeyPair();
    expect(await share(keys, 1)).toBe('team-not-member');
    expect(await share(keys, 0, { id: `site_${'0'.repeat(32)}`, percent: 5 })).toBe('not-found');
    const { id } = await founder();
    await join(keys, id);
    await share(keys, 30);
    await ask(keys, 'team-leave');
    expect((await ask(keys, 'show')).sharing.teamPercent).toBe(0);
    const other = await founder();
    expect((await join(keys, other.id)).sharing.teamPercent).toBe(0);
  });

  it('ends with the account', async () => {
    const keys = await veteran();
    const site = await addSite();
    await share(keys, 0, { id: site.id, percent: 5 });
    await ask(keys, 'delete');
    expect((await http.links.rig.engine.contributor(idOf(keys)))?.sharing).toBeUndefined();
  });
});

describe('a gift', () => {
  it('goes to a contributor, a team or an author, as far as the balance goes', async () => {
    const keys = await veteran();
    const friend = await veteran();
    await grant(keys, 100n);
    expect(await give(keys, `contributor:${idOf(friend)}`, '30')).toMatchObject({ balance: '70' });
    expect(await give(keys, 'author:operator', '10')).toMatchObject({ balance: '60' });
    expect(await give(keys, `contributor:${idOf(friend)}`, '61')).toBe('balance-too-small');
    expect(await give(keys, `contributor:${idOf(keys)}`, '1')).toBe('invalid-field');
    expect(await give(keys, 'contributor:c_nobody', '1')).toBe('account-unknown');
    expect(await give(keys, 'escrow:job_1', '1')).toBe('invalid-field');
    expect(await give(keys, `contributor:${idOf(friend)}`, '0')).toBe('invalid-field');
    const { rows } = await http.json<{ rows: MovementView[] }>(
      `/v1/contributors/${idOf(keys)}/movements`,
      { key: null },
    );
    expect(rows.map(({ to, microCredits }) => [to, microCredits])).toEqual([
      ['author:operator', '10'],
      [`contributor:${idOf(friend)}`, '30'],
      [`contributor:${idOf(keys)}`, '100'],
    ]);
  });

  it('is done once for its key, and never beyond what is there, however many are asked for at once', async () => {
    const [keys, friend] = [await veteran(), await veteran()];
    await grant(keys, 95n);
    const to = `contributor:${idOf(friend)}`;
    const again = { idempotencyKey: 'monday' };
    const same = await Promise.all([1, 2, 3].map(() => give(keys, to, '5', again)));
    expect(same.every((view) => typeof view === 'object')).toBe(true);
    expect(await give(keys, to, '6', again)).toBe('idempotency-conflict');
    const views = await Promise.all(Array.from({ length: 20 }, () => give(keys, to, '10')));
    const refused = views.filter((view) => (view as unknown) === 'balance-too-small');
    expect(refused).toHaveLength(11);
    expect(await ask(keys, 'show')).toMatchObject({ balance: '0' });
    expect(await ask(friend, 'show')).toMatchObject({ balance: '95' });
  });

  it('of a team is its founder’s to make', async () => {
    const { keys, id } = await founder();
    await grant(keys, 50n);
    await give(keys, `team:${id}`, '50');
    const friend = await veteran();
    const order = { from: 'team', to: `contributor:${idOf(friend)}` };
    const view: AccountView = await ask(keys, 'give', {
      ...order,
      ...{ microCredits: '20', idempotencyKey: 'a' },
    });
    expect(view.sharing.team).toMatchObject({ balance: '30' });
    const { ledger } = http.links.rig.store;
    expect(await ledger.balance(teamAccount(id as TeamId))).toBe(30n);
    const alone = { ...order, microCredits: '1', idempotencyKey: 'b' };
    expect(await ask(friend, 'give', alone)).toBe('team-not-member');
  });
});
