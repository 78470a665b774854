/**
 * Routes of teams, of what a contributor shares and of what it gives. What changes something is signed by a key of the
 * account; what is read is everybody's.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { contributorAccount, teamAccount } from '../../../shared/ledger.ts';
import { teamRowSchema, teamViewSchema, type TeamView } from '../../../shared/protocol/sharing.ts';
import type { TeamId } from '../../../shared/ids.ts';
import { fail, ok } from '../../../shared/result.ts';
import { IN_NO_TEAM, NO_SUCH_TEAM, NOT_FOUNDER } from '../../engine/teamProblems.ts';
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
import { SignedActions } from './signedActions.ts';
import { teamRow } from './teamViews.ts';
import { Transfers } from './transfers.ts';

const ROWS = 100;

export function teamRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { engine, store } = deps;
  const { communities } = engine;
  const { teams } = communities;
  const actions = new SignedActions(deps, app);
  const { onOwn } = actions;
  const transfers = new Transfers(deps);

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/teams',
      summary: 'Teams, in the order of their ids',
      request: { query: cursorQuery },
      responses: {
        200: jsonResponse(
          'A page',
          z.object({ rows: z.array(teamRowSchema), next: z.string().nullable() }),
        ),
        default: problemResponse,
      },
    }),
    (c) => {
      const found = teams.list(c.req.valid('query').cursor ?? null, ROWS + 1);
      const rows = found.slice(0, ROWS).map(teamRow);
      return c.json({ rows, next: found.length > ROWS ? rows.at(-1)!.id : null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/teams/{id}',
      summary: 'A team: who is in it, and what it has',
      request: { params: idParams },
      responses: { 200: jsonResponse('The team', teamViewSchema), default: problemResponse },
    }),
    async (c) => {
      const team = teams.find(c.req.valid('param').id as TeamId);
      if (team === null) return refuse(NO_SUCH_TEAM);
      const { id, founder, members } = team;
      const names = await store.accounts.names(members.map((member) => member.id));
      const people = members.map((member) => {
        const name = names.get(member.id);
        return { ...member, ...(name === undefined ? {} : { name }) };
      });
      const balance = (await store.ledger.balance(teamAccount(id))).toString();
      return c.json({ ...teamRow(team), founder, balance, people } satisfies TeamView, 200);
    },
  );

  actions.add('team-create', {
    summary: 'Found a team. It takes verified work, and being in no other',
    act: onOwn<'team-create'>((account, { fields }) => teams.create(account, fields)),
  });
  actions.add('team-join', {
    summary: 'Join a team, by its invite code where it has one',
    act: onOwn<'team-join'>((account, { fields }) => teams.join(account, fields.team, fields.code)),
  });
  actions.add('team-leave', {
    summary: 'Leave the team',
    act: onOwn<'team-leave'>((account) => teams.leave(account)),
  });
  actions.add('team-change', {
    summary: 'Its founder: who may join, how many, and whether by a new code',
    act: onOwn<'team-change'>((account, { fields }) =>
      teams.change(account, fields, fields.newCode),
    ),
  });
  actions.add('team-remove', {
    summary: 'Its founder: remove a member',
    act: onOwn<'team-remove'>((account, { fields }) => teams.remove(account, fields.member)),
  });
  actions.add('team-hand-over', {
    summary: 'Its founder: another member is its founder from now on',
    act: onOwn<'team-hand-over'>((account, { fields }) => teams.handOver(account, fields.to)),
  });
  actions.add('team-dissolve', {
    summary: 'Its founder: the team is no more; what it has left goes to its founder',
    act: onOwn<'team-dissolve'>((account) => teams.dissolve(account)),
  });
  actions.add('share', {
    summary: 'Choose what of its earnings goes to its team, and to a site',
    act: onOwn<'share'>((account, { fields }) =>
      communities.share(account, fields.teamPercent, fields.site),
    ),
  });
  actions.add('give', {
    summary: 'Give final credit of the account, or of the team that it founded, to somebody',
    act: onOwn<'give'>(async (account, { fields }) => {
      const { from, to, microCredits, idempotencyKey } = fields;
      const team = teams.teamOf(account);
      if (from === 'team' && team === null) return fail(IN_NO_TEAM);
      if (from === 'team' && team?.founder !== account) return fail(NOT_FOUNDER);
      const payer = from === 'team' ? teamAccount(team!.id) : contributorAccount(account);
      const amount = BigInt(microCredits);
      await transfers.transfer({ from: payer, to, microCredits: amount, idempotencyKey });
      return ok(null);
    }),
  });
  return app;
}
