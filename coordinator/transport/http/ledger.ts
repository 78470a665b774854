/**
 * Routes about credit: what a key has and did, grants, transfers, and every account's balance for whoever audits.
 */
import { createRoute, z } from '@hono/zod-openapi';
import type { ContributorId, KeyId, TeamId } from '../../../shared/ids.ts';
import {
  authorAccount,
  contributorAccount,
  teamAccount,
  type Account,
} from '../../../shared/ledger.ts';
import { MAX_NAME_CHARS } from '../../../shared/limits.ts';
import {
  balancesPageSchema,
  balanceViewSchema,
  grantOrderSchema,
  movementViewSchema,
  transferOrderSchema,
} from '../../../shared/protocol/ledger.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { requireAuthor, requireOperator } from './auth.ts';
import {
  cursorQuery,
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';
import { atCursor } from './jobs.ts';
import { movementView, orderId, Transfers } from './transfers.ts';

const MOVEMENT_ROWS = 100;
const BALANCE_ROWS = 1_000;

export const idempotencyHeader = z.object({
  'idempotency-key': z.string().min(1).max(MAX_NAME_CHARS).optional(),
});

export function ledgerRoutes(deps: HttpDeps): App {
  const { store, keys, now } = deps;
  const transfers = new Transfers(deps);
  const app = newApp();
  app.use('/v1/balance', requireAuthor(deps));
  app.use('/v1/movements', requireAuthor(deps));
  app.use('/v1/transfers', requireAuthor(deps));
  app.use('/v1/keys/:id/grants', requireOperator(keys));

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/balance',
      summary: 'What this key has to spend',
      responses: { 200: jsonResponse('The balance', balanceViewSchema), default: problemResponse },
    }),
    async (c) => {
      const { key, isPrepaid } = c.get('principal');
      const account = authorAccount(key);
      const balance = await store.ledger.balance(account);
      return c.json({ account, microCredits: balance.toString(), prepaid: isPrepaid }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/movements',
      summary: 'What this key was granted, put aside, got back and transferred, newest first',
      request: { query: cursorQuery },
      responses: {
        200: jsonResponse('A page', movementsPage),
        default: problemResponse,
      },
    }),
    async (c) => {
      const account = authorAccount(c.get('principal').key);
      return c.json(await movementsOf(account, c.req.valid('query').cursor), 200);
    },
  );

  for (const { of, path, accountOf } of PUBLIC_ACCOUNTS) {
    app.openapi(
      createRoute({
        method: 'get',
        path: `${path}/{id}/movements`,
        summary: `What ${of} gave and was given otherwise than by work, newest first`,
        request: { params: idParams, query: cursorQuery },
        responses: { 200: jsonResponse('A page', movementsPage), default: problemResponse },
      }),
      async (c) => {
        const account = accountOf(c.req.valid('param').id);
        return c.json(await movementsOf(account, c.req.valid('query').cursor), 200);
      },
    );
  }

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/transfers',
      summary: 'Give credit of this key to another account',
      request: {
        headers: idempotencyHeader,
        body: { required: true, content: { 'application/json': { schema: transferOrderSchema } } },
      },
      responses: { 200: jsonResponse('Transferred', movementViewSchema), default: problemResponse },
    }),
    async (c) => {
      const { key, isPrepaid } = c.get('principal');
      if (!isPrepaid) refuse(NOT_ITS_OWN);
      const { to, microCredits } = c.req.valid('json');
      const idempotencyKey = c.req.valid('header')['idempotency-key'];
      const order = { from: authorAccount(key), to, microCredits: BigInt(microCredits) };
      return c.json(await transfers.transfer({ ...order, idempotencyKey }), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/keys/{id}/grants',
      summary: 'Give credit to a key',
      request: {
        params: idParams,
        headers: idempotencyHeader,
        body: { required: true, content: { 'application/json': { schema: grantOrderSchema } } },
      },
      responses: { 200: jsonResponse('Granted', movementViewSchema), default: problemResponse },
    }),
    async (c) => {
      const to = authorAccount(c.req.valid('param').id as KeyId);
      await transfers.mustExist(to);
      const id = orderId(to, c.req.valid('header')['idempotency-key']);
      const microCredits = BigInt(c.req.valid('json').microCredits);
      return c.json(
        await transfers.move({ type: 'grant', id, to, microCredits, atMs: now() }),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/ledger/balances',
      summary: 'The balance of every account, which is what the public log adds up to',
      request: { query: cursorQuery },
      responses: { 200: jsonResponse('A page', balancesPageSchema), default: problemResponse },
    }),
    async (c) => {
      const after = c.req.valid('query').cursor ?? null;
      if (after !== null && !/^[A-Za-z0-9_.:-]+$/.test(after)) {
        const detail = 'the cursor is none that an earlier page gave';
        return refuse({ code: 'bad-cursor', detail, came: after, fix: 'start without a cursor' });
      }
      const { logSize, rows } = await store.ledger.balances(after, BALANCE_ROWS);
      const next = rows.length < BALANCE_ROWS ? null : rows.at(-1)!.account;
      const told = rows.map((row) => ({ ...row, microCredits: row.microCredits.toString() }));
      return c.json({ logSize, rows: told, next }, 200);
    },
  );

  async function movementsOf(account: Account, cursor: string | undefined) {
    const page = await atCursor(() =>
      store.ledger.movements(account, cursor ?? null, MOVEMENT_ROWS),
    );
    const rows = page.rows.map(({ movement, logIndex }) => ({
      ...movementView(movement),
      logIndex,
    }));
    return { rows, next: page.next };
  }

  return app;
}

const movementsPage = z.object({ rows: z.array(movementViewSchema), next: z.string().nullable() });

/** Whose movements are everybody's to read, as the public log is. */
const PUBLIC_ACCOUNTS = [
  {
    of: 'a contributor',
    path: '/v1/contributors',
    accountOf: (id: string) => contributorAccount(id as ContributorId),
  },
  { of: 'a team', path: '/v1/teams', accountOf: (id: string) => teamAccount(id as TeamId) },
];

/** What its jobs lack is granted: given away it would be credit that nobody earned. */
const NOT_ITS_OWN: Problem = {
  code: 'not-allowed',
  detail: 'the network pays for this key’s jobs: it has no credit of its own to give away',
  expected: 'a prepaid key',
  fix: 'the operator makes one with idlewave keys create NAME --credits N, and grants with idlewave keys grant',
};
