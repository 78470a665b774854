/**
 * A coordinator in which everything is there that the API speaks of, and a right request for each of its operations.
 */
import type { ContributorId } from '../../../shared/ids.ts';
import { contributorAccount, siteAccount, teamAccount } from '../../../shared/ledger.ts';
import type { AccountView, LinkCodeView } from '../../../shared/protocol/account.ts';
import type { OwnSite } from '../../../shared/protocol/sharing.ts';
import { consentText } from '../../../shared/signedRequest.ts';
import { assert } from '../../../shared/result.ts';
import { newContributor } from '../../core/newContributor.ts';
import {
  CALIBRATION_STATES,
  CLASS_STATES,
  NO_CHANGES,
  makeCalibration,
  makeClass,
} from '../../store/testing/records.ts';
import { digestOf } from '../../digest.ts';
import { contributorIdOf } from '../link/proof.ts';
import { HttpRig, KERNEL_SPEC, type AskOptions } from './httpRig.ts';
import { servedModels, type ServedModels } from './contractModels.ts';
import { ORIGIN, makeKeyPair, type KeyPair } from './linkRig.ts';
import type { Operation } from './openApi.ts';
import { signedCalls } from './signedCalls.ts';

/** A request of an operation: what stands for `{id}` in its path, its query with the `?`, and the rest. */
export interface RightRequest extends AskOptions {
  readonly id?: string;
  readonly query?: string;
}

const ONE_ITEM = { items: 1, verification: { kind: 'quorum', quorum: 1 } };
const SITE = { name: 'A site', origins: ['https://a.example'], proposedPercent: 15 };
const TEAM = { join: 'open', maxMembers: 9 };

export class ContractWorld {
  readonly http: HttpRig;
  /** Of an author who was granted nothing. */
  poorKey = '';
  /** What only another author and the operator may read. */
  readonly secretName = 'canary-7f3a9c';
  /** By the operation's name. */
  readonly right = new Map<string, () => Promise<RightRequest>>();
  readonly #worker = makeKeyPair();
  readonly #account: ReturnType<typeof signedCalls>;
  #done = '';
  #running = '';
  #author = '';
  #site = '';
  #team = '';
  #webhook = '';
  #served: ServedModels | null = null;
  #names = 0;

  private constructor(http: HttpRig) {
    this.http = http;
    this.#account = signedCalls(() => http);
  }

  static async made(): Promise<ContractWorld> {
    const world = new ContractWorld(await HttpRig.started());
    await world.#fill();
    // First: its requests are answered by a host that would be given other jobs as well.
    world.#served = await servedModels(world.http, await world.#veteran());
    for (const [name, make] of world.#served.right) world.right.set(name, make);
    world.#addJobs();
    world.#addBlobs();
    world.#addPublic();
    world.#addOperator();
    world.#addCredit();
    world.#addAccounts();
    world.#addTeams();
    world.#addSites();
    await world.#addWebhooks();
    return world;
  }

  /** Something that is there under the operation's path. */
  idFor({ path }: Operation): string {
    const kind = path.split('/')[2];
    if (kind === 'jobs') return this.#done;
    if (kind === 'models') return this.#served!.model;
    if (kind === 'files') return this.#served!.file;
    if (kind === 'batches') return this.#served!.batch;
    if (kind === 'shards') return `${this.#done}.0`;
    if (kind === 'contributors') return this.#contributor;
    if (kind === 'teams') return this.#team;
    if (kind === 'sites') return this.#site;
    if (kind === 'webhooks') return this.#webhook;
    if (kind === 'keys') return this.#author;
    return 'none';
  }

  get #contributor(): ContributorId {
    return contributorIdOf(this.#worker.publicKey);
  }

  async #fill(): Promise<void> {
    const { http } = this;
    const { engine } = http.links.rig;
    this.#done = (await http.post(ONE_ITEM)).id;
    const host = await http.links.welcomed(1, 'host', this.#worker);
    await host.deliver();
    await http.links.rig.quiet();
    const two = { kind: 'quorum', quorum: 2 };
    this.#running = (await http.post({ verification: two, itemsPerShard: 10 })).id;
    ({ key: this.poorKey, id: this.#author } = await http.keys.create('poor', true));
    const { key } = await http.keys.create(this.secretName);
    const { id } = await http.post({ name: this.secretName }, { key });
    await http.ask(`/v1/jobs/${id}/cancel`, { method: 'POST', key });
    this.#site = (await http.json<OwnSite>('/v1/sites', { body: SITE })).id;
    this.#team = (await this.#founder()).team;
    engine.classes.takeUp([makeClass('bad', { state: CLASS_STATES[1]! })]);
    engine.calibrations.takeUp(
      CALIBRATION_STATES.map((state, name) => makeCalibration(name, { state })),
    );
    await http.stats.make();
  }

  /** Several operations that need nothing said. */
  #plain(names: readonly string[], request: () => RightRequest = () => ({})): void {
    for (const name of names) this.right.set(name, () => Promise.resolve(request()));
  }

  #addJobs(): void {
    this.#plain(['POST /v1/jobs', 'POST /v1/estimates'], () => ({ body: KERNEL_SPEC }));
    this.#plain(['GET /v1/jobs', 'GET /v1/network/jobs']);
    this.#plain(
      ['GET /v1/jobs/{id}', 'GET /v1/jobs/{id}/results', 'GET /v1/jobs/{id}/events'],
      () => ({ id: this.#done }),
    );
    this.#plain(['GET /v1/jobs/{id}/explain'], () => ({ id: this.#running, query: '?shard=0' }));
    this.#plain(['POST /v1/jobs/{id}/second-opinion'], () => ({
      id: this.#running,
      body: { secondOpinion: 'referee' },
    }));
    this.right.set('DELETE /v1/jobs/{id}/results', async () => {
      const { id } = await this.http.post();
      await this.http.ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
      return { id };
    });
    this.right.set('PATCH /v1/jobs/{id}', async () => ({
      id: (await this.http.post()).id,
      method: 'PATCH',
      body: { ratePercent: 150 },
    }));
    this.right.set('POST /v1/jobs/{id}/items', async () => ({
      id: (await this.http.post({ open: true })).id,
      body: { items: 4 },
    }));
    for (const change of ['cancel', 'pause', 'resume', 'close'])
      this.right.set(`POST /v1/jobs/{id}/${change}`, async () => ({
        id: (await this.http.post()).id,
      }));
  }

  #addBlobs(): void {
    const bytes = new TextEncoder().encode('a blob');
    this.#plain(['PUT /v1/blobs/{digest}'], () => ({ id: digestOf(bytes), body: bytes }));
    this.#plain(['GET /v1/blobs/{digest}', 'GET /v1/blobs/{digest}/chunks'], () => ({
      key: null,
      id: digestOf(bytes),
    }));
  }

  #addPublic(): void {
    const files = ['leaderboard/day.json', 'leaderboard/week.json', 'leaderboard/all.json'];
    const tables = ['contributors.json', 'contributors.csv', 'days.json', 'days.csv'];
    const stats = [...files, ...tables].map((name) => `GET /v1/stats/${name}`);
    const anybody = ['GET /v1/network', 'GET /v1/leaderboard', 'GET /v1/log', ...stats];
    this.#plain(anybody, () => ({ key: null }));
    this.#plain(['GET /healthz', 'GET /readyz', 'GET /metrics'], () => ({ key: null }));
    this.#plain(['GET /log/checkpoint'], () => ({ key: null }));
    this.right.set('POST /v1/links/{token}/bye', async () => {
      const { messages } = await this.http.links.welcomed(0, 'leaving');
      const welcome = messages.find((it) => it.type === 'welcome');
      return { key: null, id: welcome?.byeToken ?? '' };
    });
    this.#plain(['GET /v1/shards/{id}'], () => ({ key: null, id: `${this.#done}.0` }));
    const ofContributor = ['', '/credits', '/history', '/movements'].map(
      (part) => `GET /v1/contributors/{id}${part}`,
    );
    this.#plain(ofContributor, () => ({ key: null, id: this.#contributor }));
  }

  #addOperator(): void {
    const key = this.http.keys.adminToken;
    const lists = ['keys', 'engine-classes', 'calibrations', 'ledger/balances'];
    this.#plain(
      lists.map((name) => `GET /v1/${name}`),
      () => ({ key }),
    );
    this.#plain(['POST /v1/keys'], () => ({ key, body: { name: 'another' } }));
    this.right.set('DELETE /v1/keys/{id}', async () => ({
      key,
      id: (await this.http.keys.create('short-lived')).id,
    }));
    this.#plain(['POST /v1/engine-classes/lift'], () => ({
      key,
      body: { program: 'v1/model', engineClass: 'webgpu/bad' },
    }));
    this.#plain(['POST /v1/calibrations/accept'], () => ({
      key,
      body: { program: 'v1/model', classes: ['webgpu/2', 'wasm'] },
    }));
    this.#plain(['POST /v1/keys/{id}/grants'], () => ({
      key,
      id: this.#author,
      body: { microCredits: '1000' },
    }));
  }

  #addCredit(): void {
    this.#plain(['GET /v1/balance', 'GET /v1/movements'], () => ({ key: this.poorKey }));
    this.right.set('POST /v1/transfers', async () => {
      await this.#grant(`author:${this.#author}`);
      const to = contributorAccount(this.#contributor);
      return { key: this.poorKey, body: { to, microCredits: '5' } };
    });
  }

  #addAccounts(): void {
    this.#plain(['POST /v1/account/challenges'], () => ({ key: null }));
    this.#signed('show', () => ({}));
    this.#signed('name', () => ({ name: 'Ada' }));
    this.#signed('listing', () => ({ listed: false }));
    this.#signed('codes', () => ({}));
    this.#signed('delete', () => ({}));
    this.#signed('link', async () => ({
      deviceName: 'Laptop',
      code: await this.#code(makeKeyPair()),
    }));
    this.#signed('remove-device', async (keys) => {
      const device = makeKeyPair();
      const fields = { code: await this.#code(keys), deviceName: 'Old' };
      await this.#account.ask(device, 'link', fields);
      return { device: contributorIdOf(device.publicKey) };
    });
    const phrase = makeKeyPair();
    const owner = makeKeyPair();
    this.#signed(
      'recovery',
      (keys, nonce) => this.#consent('recovery', keys, phrase, nonce),
      owner,
    );
    this.#signed('restore', (keys, nonce) => ({
      ...this.#consent('restore', keys, phrase, nonce),
      deviceName: 'New',
    }));
    this.#signed(
      'give',
      async () => {
        await this.#grant(contributorAccount(this.#contributor));
        const to = `author:${this.#author}`;
        return { from: 'own', to, microCredits: '1', idempotencyKey: 'once' };
      },
      this.#worker,
    );
    this.#signed('share', () => ({ teamPercent: 0, site: { id: this.#site, percent: 10 } }));
  }

  #addTeams(): void {
    this.#plain(['GET /v1/teams'], () => ({ key: null }));
    this.#plain(['GET /v1/teams/{id}', 'GET /v1/teams/{id}/movements'], () => ({
      key: null,
      id: this.#team,
    }));
    this.#signedBy('team-create', async () => {
      const keys = await this.#veteran();
      return [keys, { name: this.#freshName(), ...TEAM }];
    });
    this.#signed('team-join', () => ({ team: this.#team, code: null }));
    this.#signedBy('team-leave', async () => [(await this.#member()).member, {}]);
    this.#signedBy('team-dissolve', async () => [(await this.#founder()).keys, {}]);
    this.#signedBy('team-change', async () => [
      (await this.#founder()).keys,
      { ...TEAM, newCode: false },
    ]);
    this.#signedBy('team-remove', async () => {
      const { keys, member } = await this.#member();
      return [keys, { member: contributorIdOf(member.publicKey) }];
    });
    this.#signedBy('team-hand-over', async () => {
      const { keys, member } = await this.#member();
      return [keys, { to: contributorIdOf(member.publicKey) }];
    });
  }

  #addSites(): void {
    this.#plain(['GET /v1/sites']);
    this.#plain(['POST /v1/sites'], () => ({ body: SITE }));
    this.#plain(['GET /v1/sites/{id}', 'GET /v1/sites/{id}/days'], () => ({ id: this.#site }));
    this.#plain(['PUT /v1/sites/{id}'], () => ({ id: this.#site, body: SITE }));
    this.right.set('DELETE /v1/sites/{id}', async () => ({
      id: (await this.http.json<OwnSite>('/v1/sites', { body: SITE })).id,
    }));
    this.right.set('POST /v1/sites/{id}/transfers', async () => {
      await this.#grant(siteAccount(this.#site as never));
      return { id: this.#site, body: { to: teamAccount(this.#team as never), microCredits: '5' } };
    });
  }

  async #addWebhooks(): Promise<void> {
    const order = { body: { url: 'https://a.example/events', events: ['job.done'] } };
    const added = async () => (await this.http.json<{ id: string }>('/v1/webhooks', order)).id;
    const id = (this.#webhook = await added());
    this.#plain(['GET /v1/webhooks']);
    this.#plain(['POST /v1/webhooks'], () => order);
    this.#plain(['GET /v1/webhooks/{id}'], () => ({ id }));
    this.#plain(['POST /v1/webhooks/{id}/test'], () => ({ id, method: 'POST' }));
    this.right.set('GET /v1/webhooks/{id}/deliveries', async () => {
      const job = (await this.http.post()).id;
      await this.http.ask(`/v1/jobs/${job}/cancel`, { method: 'POST' });
      return { id };
    });
    this.right.set('DELETE /v1/webhooks/{id}', async () => ({ id: await added() }));
  }

  #signed(
    action: string,
    fields: (keys: KeyPair, nonce: string) => object | Promise<object>,
    keys = makeKeyPair(),
  ): void {
    this.right.set(`POST /v1/account/${action}`, async () => {
      const nonce = await this.#account.nonceOf();
      const body = await this.#account.bodyOf(keys, action, await fields(keys, nonce), { nonce });
      return { key: null, body };
    });
  }

  #signedBy(action: string, make: () => Promise<readonly [KeyPair, object]>): void {
    this.right.set(`POST /v1/account/${action}`, async () => {
      const [keys, fields] = await make();
      return { key: null, body: await this.#account.bodyOf(keys, action, fields) };
    });
  }

  #consent(action: 'recovery' | 'restore', keys: KeyPair, phrase: KeyPair, nonce: string): object {
    const text = consentText({ origin: ORIGIN, nonce, action, publicKey: keys.publicKey });
    return { recoveryKey: phrase.publicKey, recoveryProof: phrase.sign(text) };
  }

  async #code(keys: KeyPair): Promise<string> {
    return (await this.#account.ask<LinkCodeView>(keys, 'codes')).code;
  }

  async #grant(to: string): Promise<void> {
    const order = {
      type: 'grant',
      id: `g${(this.#names += 1)}`,
      to,
      microCredits: 1_000n,
      atMs: 1,
    };
    await this.http.links.rig.engine.payments.move(order as never);
  }

  #freshName = (): string => `Team ${(this.#names += 1)}`;

  /** Somebody who has computed so much that it is no newcomer. */
  async #veteran(): Promise<KeyPair> {
    const keys = makeKeyPair();
    const record = newContributor(contributorIdOf(keys.publicKey), keys.publicKey, 1);
    const contributors = [{ ...record, verifiedItems: 10_000 }];
    await this.http.links.rig.store.commit({ ...NO_CHANGES, contributors });
    return keys;
  }

  async #founder(): Promise<{ keys: KeyPair; team: string }> {
    const keys = await this.#veteran();
    const fields = { name: this.#freshName(), ...TEAM };
    const view = await this.#account.ask<AccountView>(keys, 'team-create', fields);
    assert(view.sharing.team !== null, 'a team that was founded');
    return { keys, team: view.sharing.team.id };
  }

  async #member(): Promise<{ keys: KeyPair; member: KeyPair }> {
    const { keys, team } = await this.#founder();
    const member = makeKeyPair();
    await this.#account.ask(member, 'team-join', { team, code: null });
    return { keys, member };
  }
}
