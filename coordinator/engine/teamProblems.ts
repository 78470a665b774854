/** Why something about a team, a site or a share is refused. */
import {
  MAX_AGREED_SITES,
  MAX_MEMBERSHIPS,
  MAX_SHARED_PERCENT,
  MAX_SITES,
  MAX_SITES_PER_KEY,
  MAX_TEAMS,
} from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';

export const NO_SUCH_TEAM: Problem = {
  code: 'not-found',
  detail: 'there is no such team, or it was dissolved',
  fix: 'see GET /v1/teams',
};

export const IN_NO_TEAM: Problem = {
  code: 'team-not-member',
  detail: 'this account is in no team',
  fix: 'join one first',
};

export const NOT_FOUNDER: Problem = {
  code: 'not-allowed',
  detail: 'only the team’s founder may do this',
  fix: 'ask the founder, who can also hand the team over',
};

export const IN_A_TEAM: Problem = {
  code: 'team-member',
  detail: 'this account is in a team already',
  expected: 'an account in no team: each is in one at most',
  fix: 'leave the team first; its founder hands it over or dissolves it',
};

export const NAME_TAKEN: Problem = {
  code: 'team-name-taken',
  detail: 'another team has this name, or one that differs only in capitals or letter forms',
  fix: 'choose another name',
};

export const NEEDS_WORK: Problem = {
  code: 'team-needs-work',
  detail: 'this account has computed nothing yet that was found right',
  expected: 'at least one verified item',
  fix: 'compute for a while, then found the team; joining one needs no work',
};

export const TOO_MANY_TEAMS: Problem = {
  code: 'too-many-teams',
  detail: 'this coordinator has as many teams or members of teams as it takes',
  expected: `at most ${MAX_TEAMS} teams, with ${MAX_MEMBERSHIPS} members in all`,
  fix: 'join a team that is there',
};

export const overshareProblem = (percent: number): Problem => ({
  code: 'shares-too-large',
  detail: 'more would be shared than is earned',
  expected: `at most ${MAX_SHARED_PERCENT} % to the team and a site together`,
  came: `${percent} %`,
  fix: 'give one of them less',
});

export const NO_SUCH_SITE: Problem = {
  code: 'not-found',
  detail: 'there is no such site, or it was removed',
};

export const TOO_MANY_AGREED: Problem = {
  code: 'too-many-sites',
  detail: 'this account shares with as many sites as it may',
  expected: `at most ${MAX_AGREED_SITES}`,
  fix: 'set another site’s share to 0 first',
};

export const TOO_MANY_SITES: Problem = {
  code: 'too-many-sites',
  detail: 'no more sites can be registered with this key',
  expected: `at most ${MAX_SITES_PER_KEY} of one key, and ${MAX_SITES} in all`,
  fix: 'remove one that is not used any more',
};

export const SITE_HAS_CREDIT: Problem = {
  code: 'site-has-credit',
  detail: 'the site’s account has credit left',
  expected: 'an empty account',
  fix: 'transfer it first: POST /v1/sites/{id}/transfers',
};
