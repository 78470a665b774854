/**
 * Teams: all of them in memory, written through. Who may ask for a change has been proven before.
 *
 * Invariant: a contributor is in one team at most; a name is one team's; a team that is gone has no credit.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { ID_BYTES, makeTeamId } from '../../shared/ids.ts';
import type { ContributorId, RandomBytes, TeamId } from '../../shared/ids.ts';
import { contributorAccount, teamAccount } from '../../shared/ledger.ts';
import { MAX_MEMBERSHIPS, MAX_TEAMS } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { JoinRule } from '../../shared/protocol/sharing.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { makeCode } from '../core/code.ts';
import {
  handedOver,
  nameKeyOf,
  withMember,
  withoutAccount,
  withoutMember,
  withRules,
  type Joining,
  type Team,
} from '../core/team.ts';
import type { Books } from './books.ts';
import type { Contributors } from './contributors.ts';
import {
  IN_A_TEAM,
  IN_NO_TEAM,
  NAME_TAKEN,
  NEEDS_WORK,
  NO_SUCH_TEAM,
  NOT_FOUNDER,
  TOO_MANY_TEAMS,
} from './teamProblems.ts';
import type { Tick } from './tick.ts';
import type { Ticker } from './ticker.ts';

export interface TeamsOptions {
  readonly ticker: Pick<Ticker, 'ask'>;
  readonly contributors: Pick<Contributors, 'read'>;
  readonly books: Pick<Books, 'using' | 'balanceOf' | 'move'>;
  readonly now: () => number;
  readonly random: RandomBytes;
}

export interface TeamRules {
  readonly join: JoinRule;
  readonly maxMembers: number;
}

type Done = Promise<Result<null, Problem>>;

export class Teams {
  readonly #options: TeamsOptions;
  readonly #teams = new Map<TeamId, Team>();
  /** Made when it is asked for, of all as they are since the last change. */
  #inOrder: readonly Team[] | null = null;
  readonly #byName = new Map<string, TeamId>();
  readonly #teamOf = new Map<ContributorId, TeamId>();

  constructor(options: TeamsOptions) {
    this.#options = options;
  }

  /** Those of the store, at start. */
  takeUp(teams: readonly Team[]): void {
    for (const team of teams) this.#hold(team);
  }

  find(id: TeamId): Team | null {
    return this.#teams.get(id) ?? null;
  }

  teamOf(contributor: ContributorId): Team | null {
    const id = this.#teamOf.get(contributor);
    return id === undefined ? null : this.#teams.get(id)!;
  }

  /** In the order of their ids, behind `after`. */
  list(after: string | null, limit: number): readonly Team[] {
    this.#inOrder ??= [...this.#teams.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const first = after === null ? 0 : this.#inOrder.findIndex(({ id }) => id > after);
    return first < 0 ? [] : this.#inOrder.slice(first, first + limit);
  }

  async create(
    founder: ContributorId,
    { name, join, maxMembers }: TeamRules & { readonly name: string },
  ): Done {
    const { contributors, ticker, now, random } = this.#options;
    // Keys cost nothing to make: names would be taken by whoever wants to.
    if (((await contributors.read(founder))?.verifiedItems ?? 0) === 0) return fail(NEEDS_WORK);
    return ticker.ask((tick) => {
      if (this.#teamOf.has(founder)) return fail(IN_A_TEAM);
      if (this.#byName.has(nameKeyOf(name))) return fail(NAME_TAKEN);
      if (this.#isFull || this.#teams.size >= MAX_TEAMS) return fail(TOO_MANY_TEAMS);
      const [id, createdAtMs] = [makeTeamId(random), Math.floor(now())];
      const members = [{ id: founder, sinceMs: createdAtMs }];
      const joining = this.#joining(join);
      this.#put(tick, { id, name, founder, joining, maxMembers, members, createdAtMs });
      return ok(null);
    });
  }

  join(contributor: ContributorId, id: TeamId, code: string | null): Done {
    const { books, ticker } = this.#options;
    // What is shared with it is posted from now on.
    return books.using([teamAccount(id)], () =>
      ticker.ask((tick) => this.#join(tick, contributor, id, code)),
    );
  }

  #join(
    tick: Tick,
    contributor: ContributorId,
    id: TeamId,
    code: string | null,
  ): Result<null, Problem> {
    const team = this.find(id);
    if (team === null) return fail(NO_SUCH_TEAM);
    const present = this.#teamOf.get(contributor);
    if (present !== undefined) return present === id ? ok(null) : fail(IN_A_TEAM);
    if (this.#isFull) return fail(TOO_MANY_TEAMS);
    const member = { id: contributor, sinceMs: Math.floor(this.#options.now()) };
    return this.#file(tick, withMember(team, member, code));
  }

  leave(contributor: ContributorId): Done {
    return this.#options.ticker.ask((tick) => {
      const team = this.teamOf(contributor);
      return team === null ? fail(IN_NO_TEAM) : this.#file(tick, withoutMember(team, contributor));
    });
  }

  change(founder: ContributorId, { join, maxMembers }: TeamRules, newCode: boolean): Done {
    return this.#asFounder(founder, (tick, team) => {
      const isKept = join === team.joining.kind && !newCode;
      const joining = isKept ? team.joining : this.#joining(join);
      return this.#file(tick, withRules(team, joining, maxMembers));
    });
  }

  remove(founder: ContributorId, member: ContributorId): Done {
    return this.#asFounder(founder, (tick, team) => this.#file(tick, withoutMember(team, member)));
  }

  handOver(founder: ContributorId, to: ContributorId): Done {
    return this.#asFounder(founder, (tick, team) => this.#file(tick, handedOver(team, to)));
  }

  /** What the team has left is its founder's. */
  async dissolve(founder: ContributorId): Done {
    const id = this.#teamOf.get(founder);
    if (id === undefined) return fail(IN_NO_TEAM);
    return this.#options.books.using([teamAccount(id), contributorAccount(founder)], () =>
      this.#asFounder(founder, (tick, team) => {
        // Meanwhile it may have founded another, whose balance is not in memory.
        if (team.id !== id) return fail(NO_SUCH_TEAM);
        this.#drop(tick, team);
        return ok(null);
      }),
    );
  }

  /** The account is about to go, or to become part of another one: it is in no team any more. */
  async forsake(contributor: ContributorId): Promise<void> {
    const id = this.#teamOf.get(contributor);
    if (id === undefined) return;
    const { books, ticker } = this.#options;
    await books.using([teamAccount(id), contributorAccount(contributor)], () =>
      ticker.ask((tick) => {
        const team = this.find(id);
        if (team === null) return;
        const rest = withoutAccount(team, contributor);
        if (rest === null) this.#drop(tick, team);
        else this.#put(tick, rest);
      }),
    );
  }

  get #isFull(): boolean {
    return this.#teamOf.size >= MAX_MEMBERSHIPS;
  }

  #joining(kind: JoinRule): Joining {
    return kind === 'open' ? { kind } : { kind, code: makeCode(this.#options.random) };
  }

  #asFounder(
    founder: ContributorId,
    change: (tick: Tick, team: Team) => Result<null, Problem>,
  ): Done {
    return this.#options.ticker.ask((tick) => {
      const team = this.teamOf(founder);
      if (team === null) return fail(IN_NO_TEAM);
      return team.founder === founder ? change(tick, team) : fail(NOT_FOUNDER);
    });
  }

  #file(tick: Tick, changed: Result<Team, Problem>): Result<null, Problem> {
    if (!changed.ok) return changed;
    this.#put(tick, changed.value);
    return ok(null);
  }

  #put(tick: Tick, team: Team): void {
    this.#forget(team.id);
    this.#hold(team);
    tick.putTeam(team.id, team);
  }

  #drop(tick: Tick, { id, founder }: Team): void {
    const { books, now, random } = this.#options;
    const [from, to] = [teamAccount(id), contributorAccount(founder)];
    const microCredits = books.balanceOf(from);
    if (microCredits > 0n) {
      const order = `dissolved_${bytesToHex(random(ID_BYTES))}`;
      books.move(tick, { type: 'transfer', id: order, from, to, microCredits, atMs: now() });
    }
    this.#forget(id);
    tick.putTeam(id, null);
  }

  #hold(team: Team): void {
    this.#inOrder = null;
    this.#teams.set(team.id, team);
    this.#byName.set(nameKeyOf(team.name), team.id);
    for (const { id } of team.members) this.#teamOf.set(id, team.id);
  }

  #forget(id: TeamId): void {
    const team = this.#teams.get(id);
    if (team === undefined) return;
    this.#inOrder = null;
    this.#teams.delete(id);
    this.#byName.delete(nameKeyOf(team.name));
    for (const member of team.members) this.#teamOf.delete(member.id);
  }
}
