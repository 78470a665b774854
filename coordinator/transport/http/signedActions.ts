/**
 * Routes of signed requests about an account: each is checked, done to the account that its key leads to, and answered
 * with the account as it is then.
 */
import { createRoute, type z } from '@hono/zod-openapi';
import type { ContributorId } from '../../../shared/ids.ts';
import { contributorAccount, teamAccount } from '../../../shared/ledger.ts';
import {
  ACCOUNT_PATH,
  accountRequests,
  accountViewSchema,
  type AccountAction,
  type AccountView,
} from '../../../shared/protocol/account.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import type { SharingView } from '../../../shared/protocol/sharing.ts';
import type { Result } from '../../../shared/result.ts';
import type { Envelope } from '../../../shared/signedRequest.ts';
import { NO_SHARING, teamPercentOf } from '../../core/terms.ts';
import type { AccountFacts } from '../../engine/accounts.ts';
import type { SignedRequest } from '../account/signedRequests.ts';
import type { Caller } from '../members/callers.ts';
import {
  callerOf,
  jsonResponse,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';
import { teamRow } from './teamViews.ts';

type Body<A extends AccountAction> = z.infer<(typeof accountRequests)[A]>;
export type Asked<A extends AccountAction> = SignedRequest<Omit<Body<A>, keyof Envelope>>;

/** An action that answers with the account as it is then. */
interface Action<A extends AccountAction> {
  readonly summary: string;
  readonly act: (asked: Asked<A>, caller: Caller) => Promise<Result<unknown, Problem>>;
}

export class SignedActions {
  readonly #deps: HttpDeps;
  readonly #app: App;

  constructor(deps: HttpDeps, app: App) {
    this.#deps = deps;
    this.#app = app;
  }

  async check<A extends AccountAction>(
    action: A,
    body: Envelope,
    caller: Caller,
  ): Promise<Asked<A>> {
    const checked = await this.#deps.signedRequests.check(action, body, caller);
    return orRefuse(checked) as unknown as Asked<A>;
  }

  /** Answers with the account, where the action is not refused. */
  add<A extends AccountAction>(action: A, { summary, act }: Action<A>): void {
    this.#app.openapi(
      createRoute({
        method: 'post',
        path: `${ACCOUNT_PATH}/${action}`,
        summary,
        request: signedBody(action),
        responses: {
          200: jsonResponse('The account', accountViewSchema),
          default: problemResponse,
        },
      }),
      async (c) => {
        const caller = callerOf(this.#deps.callers, c);
        const asked = await this.check(action, c.req.valid('json'), caller);
        orRefuse(await act(asked, caller));
        const facts = orRefuse(await this.#deps.engine.accounts.factsOf(asked.key));
        return c.json(await this.#viewOf(facts, asked.key.own), 200);
      },
    );
  }

  /** Does it to the account that the key leads to. */
  onOwn =
    <A extends AccountAction>(
      change: (account: ContributorId, asked: Asked<A>) => Promise<Result<unknown, Problem>>,
    ) =>
    async (asked: Asked<A>): Promise<Result<unknown, Problem>> => {
      const account = await this.#deps.engine.accounts.ensure(asked.key);
      return account.ok ? change(account.value, asked) : account;
    };

  async #viewOf(
    { contributor, name, devices }: AccountFacts,
    own: ContributorId,
  ): Promise<AccountView> {
    const { ledger } = this.#deps.store;
    return {
      contributor: contributor.id,
      name,
      microCredits: contributor.microCredits.toString(),
      verifiedItems: contributor.verifiedItems,
      listed: contributor.unlisted === undefined,
      devices: devices.flatMap(({ id, state }) =>
        state.kind === 'device'
          ? [{ id, name: state.name, linkedAtMs: state.linkedAtMs, isThis: id === own }]
          : [],
      ),
      hasRecovery: devices.some(({ state }) => state.kind === 'recovery'),
      balance: (await ledger.balance(contributorAccount(contributor.id))).toString(),
      sharing: await this.#sharingOf(contributor),
    };
  }

  async #sharingOf({
    id,
    sharing = NO_SHARING,
  }: AccountFacts['contributor']): Promise<SharingView> {
    const { teams, sites } = this.#deps.engine.communities;
    const team = teams.teamOf(id);
    const isFounder = team?.founder === id;
    const agreed = sharing.sites.flatMap(({ id, percent }) => {
      const site = sites.find(id);
      return site === null ? [] : [{ id, name: site.name, percent }];
    });
    if (team === null) return { team: null, teamPercent: 0, sites: agreed };
    const balance = (await this.#deps.store.ledger.balance(teamAccount(team.id))).toString();
    const code = isFounder && team.joining.kind === 'code' ? team.joining.code : null;
    return {
      team: { ...teamRow(team), isFounder, code, balance },
      teamPercent: teamPercentOf(sharing, team.id),
      sites: agreed,
    };
  }
}

/** Every body has an envelope; what else it has is the action's. */
export const signedBody = (action: AccountAction) => {
  const schema: z.ZodType<Envelope> = accountRequests[action];
  return { body: { required: true, content: { 'application/json': { schema } } } };
};

export const orRefuse = <T>(result: Result<T, Problem>): T =>
  result.ok ? result.value : refuse(result.error);
