/**
 * A team: who is in it, and who may change it. Pure: a change gives the team as it is then, or why not.
 *
 * Invariant: its founder is a member, and no more are in it than it takes.
 */
import type { ContributorId, TeamId } from '../../shared/ids.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';

export interface Member {
  readonly id: ContributorId;
  readonly sinceMs: number;
}

/** How one gets in. */
export type Joining =
  | { readonly kind: 'open' }
  /** 40 bits: every guess is a signed request, of which there are few. */
  | { readonly kind: 'code'; readonly code: string };

export interface Team {
  readonly id: TeamId;
  readonly name: string;
  readonly founder: ContributorId;
  readonly joining: Joining;
  readonly maxMembers: number;
  /** In the order in which they came. */
  readonly members: readonly Member[];
  readonly createdAtMs: number;
}

type Changed = Result<Team, Problem>;

/** What names are told apart by: the same letters in other forms or cases are the same name. */
export const nameKeyOf = (name: string): string => name.normalize('NFKC').toLowerCase();

export const isMember = ({ members }: Team, id: ContributorId): boolean =>
  members.some((member) => member.id === id);

export function withMember(team: Team, member: Member, code: string | null): Changed {
  if (team.joining.kind === 'code' && team.joining.code !== code) return fail(WRONG_CODE);
  if (team.members.length >= team.maxMembers) return fail(fullProblem(team.maxMembers));
  return ok({ ...team, members: [...team.members, member] });
}

/** Of its own will, or as the founder wishes. */
export function withoutMember(team: Team, id: ContributorId): Changed {
  if (id === team.founder) return fail(IS_FOUNDER);
  if (!isMember(team, id)) return fail(NO_SUCH_MEMBER);
  return ok({ ...team, members: team.members.filter((member) => member.id !== id) });
}

export function handedOver(team: Team, to: ContributorId): Changed {
  return isMember(team, to) ? ok({ ...team, founder: to }) : fail(NO_SUCH_MEMBER);
}

export function withRules(team: Team, joining: Joining, maxMembers: number): Changed {
  const { length } = team.members;
  if (maxMembers >= length) return ok({ ...team, joining, maxMembers });
  return fail({
    code: 'invalid-field',
    detail: 'the team has more members than that already',
    field: 'maxMembers',
    expected: `at least ${length}`,
    came: String(maxMembers),
  });
}

/** As it is without somebody whose account is gone; null where nobody is left. The longest in it follows a founder. */
export function withoutAccount(team: Team, id: ContributorId): Team | null {
  const members = team.members.filter((member) => member.id !== id);
  const [first] = members;
  if (first === undefined) return null;
  return { ...team, members, founder: team.founder === id ? first.id : team.founder };
}

const WRONG_CODE: Problem = {
  code: 'team-code-wrong',
  detail: 'that is not the team’s invite code',
  fix: 'ask its founder for the present one: a new code replaces an older one',
};

const NO_SUCH_MEMBER: Problem = {
  code: 'team-not-member',
  detail: 'the team has no such member',
  expected: 'the id of a member, as GET /v1/teams/{id} lists them',
};

const IS_FOUNDER: Problem = {
  code: 'team-founder',
  detail: 'the founder does not leave the team',
  fix: 'hand it over to another member first, or dissolve it',
};

const fullProblem = (maxMembers: number): Problem => ({
  code: 'team-full',
  detail: 'the team has as many members as it takes',
  expected: `at most ${maxMembers}`,
  fix: 'ask its founder to take more, or join another team',
});
