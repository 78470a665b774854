/**
 * Routes of a contributor's account: every request is signed by one of its keys, and answers a challenge of its own.
 */
import { createRoute } from '@hono/zod-openapi';
import type { ContributorId } from '../../../shared/ids.ts';
import { LINK_CODE_LIFETIME_MS } from '../../../shared/limits.ts';
import {
  ACCOUNT_PATH,
  challengeViewSchema,
  linkCodeViewSchema,
  type LinkCodeView,
} from '../../../shared/protocol/account.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import { consentText, type RequestHead } from '../../../shared/signedRequest.ts';
import type { Key } from '../../engine/accounts.ts';
import { provesKey } from '../account/signedRequests.ts';
import { contributorIdOf } from '../link/proof.ts';
import {
  callerOf,
  jsonResponse,
  newApp,
  problemResponse,
  type App,
  type HttpDeps,
} from './context.ts';
import { orRefuse, SignedActions, signedBody } from './signedActions.ts';

export function accountRoutes(deps: HttpDeps): App {
  const { callers, signedRequests, linkCodes } = deps;
  const { accounts } = deps.engine;
  const app = newApp();
  const actions = new SignedActions(deps, app);
  const { onOwn } = actions;

  app.openapi(
    createRoute({
      method: 'post',
      path: `${ACCOUNT_PATH}/challenges`,
      summary: 'A challenge for one signed request',
      responses: {
        201: jsonResponse('The challenge', challengeViewSchema),
        default: problemResponse,
      },
    }),
    (c) => c.json(orRefuse(signedRequests.challenge(callerOf(callers, c).address)), 201),
  );

  actions.add('show', { summary: 'The account that a key leads to', act: async () => ok(null) });
  actions.add('name', {
    summary: 'Name the account, or take its name away',
    act: onOwn<'name'>((account, { fields }) => accounts.rename(account, fields.name)),
  });
  actions.add('listing', {
    summary: 'Be in leaderboards and exports, or not',
    act: onOwn<'listing'>((account, { fields }) => accounts.setListed(account, fields.listed)),
  });
  actions.add('link', {
    summary: 'Link the signing key to the account that made a code',
    async act({ key, fields }, { address }) {
      const account = linkCodes.redeem(fields.code, address);
      if (!account.ok) return account;
      const linked = await accounts.link(key.own, account.value, fields.deviceName);
      if (!linked.ok) linkCodes.giveBack(fields.code);
      return linked;
    },
  });
  actions.add('recovery', {
    summary: 'Set the key of the account’s recovery phrase',
    act: onOwn<'recovery'>(async (account, { fields, head }) => {
      const recovery = await recoveryOf(fields, head);
      return recovery.ok ? accounts.setRecovery(account, recovery.value) : recovery;
    }),
  });
  actions.add('restore', {
    summary: 'Link the signing key to the account of a recovery phrase',
    async act({ key, fields, head }) {
      const recovery = await recoveryOf(fields, head);
      if (!recovery.ok) return recovery;
      return accounts.restore(key.own, recovery.value, fields.deviceName);
    },
  });
  actions.add('remove-device', {
    summary: 'Remove another device from the account: its key leads nowhere from then on',
    act: onOwn<'remove-device'>(async (account, { key, fields }) => {
      if (fields.device === key.own) return fail(OWN_DEVICE);
      // Whoever had the device may have asked for a code with it.
      linkCodes.drop(account);
      return accounts.remove(account, fields.device as ContributorId);
    }),
  });

  app.openapi(
    createRoute({
      method: 'post',
      path: `${ACCOUNT_PATH}/codes`,
      summary: 'A one-time code that links another device; it replaces the account’s last one',
      request: signedBody('codes'),
      responses: { 201: jsonResponse('The code', linkCodeViewSchema), default: problemResponse },
    }),
    async (c) => {
      const caller = callerOf(callers, c);
      const { key } = await actions.check('codes', c.req.valid('json'), caller);
      const account = orRefuse(await accounts.ensure(key));
      const code = orRefuse(linkCodes.make(account, caller.address));
      return c.json({ code, lifetimeMs: LINK_CODE_LIFETIME_MS } satisfies LinkCodeView, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: `${ACCOUNT_PATH}/delete`,
      summary: 'Delete the account: names and keys go, what was published stays under its id',
      request: signedBody('delete'),
      responses: { 204: { description: 'Deleted' }, default: problemResponse },
    }),
    async (c) => {
      const { key } = await actions.check('delete', c.req.valid('json'), callerOf(callers, c));
      const account = orRefuse(await accounts.accountOf(key.own));
      linkCodes.drop(account);
      await accounts.delete(account);
      return c.body(null, 204);
    },
  );
  return app;
}

const OWN_DEVICE: Problem = {
  code: 'not-allowed',
  detail: 'a device does not remove itself',
  fix: 'remove it from another device of the account, or delete the account',
};

/** The key of the phrase takes part of its own will. */
async function recoveryOf(
  { recoveryKey, recoveryProof }: { readonly recoveryKey: string; readonly recoveryProof: string },
  head: RequestHead,
): Promise<Result<Key['own'], Problem>> {
  if (await provesKey(recoveryKey, consentText(head), recoveryProof)) {
    return ok(contributorIdOf(recoveryKey));
  }
  return fail({
    code: 'bad-recovery-proof',
    detail: 'the key of the recovery phrase has not signed this request',
    expected: 'Ed25519 over consentText of the request, by recoveryKey',
  });
}
