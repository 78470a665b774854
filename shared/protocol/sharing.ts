/**
 * Teams, sites, and what of its earnings a contributor gives to them, as they are asked for and told over HTTP.
 */
import { z } from 'zod';
import type { ContributorId, SiteId, TeamId } from '../ids.ts';
import {
  MAX_NAME_CHARS,
  MAX_ORIGIN_CHARS,
  MAX_SHARED_PERCENT,
  MAX_SITE_ORIGINS,
  MAX_TEAM_MEMBERS,
} from '../limits.ts';

const count = z.number().int();

export const teamIdSchema = z
  .string()
  .regex(/^team_[0-9a-f]{32}$/, 'expected a team: team_…')
  .transform((text) => text as TeamId);
export const siteIdSchema = z
  .string()
  .regex(/^site_[0-9a-f]{32}$/, 'expected a site: site_…')
  .transform((text) => text as SiteId);
export const memberIdSchema = z
  .string()
  .regex(/^c_[A-Za-z0-9_]{1,80}$/, 'expected a contributor: c_…')
  .transform((text) => text as ContributorId);

const expectedPercent = `expected whole percents, at most ${MAX_SHARED_PERCENT}`;
export const percentSchema = z
  .number()
  .int(expectedPercent)
  .min(0, expectedPercent)
  .max(MAX_SHARED_PERCENT, expectedPercent);

/** `open`: anybody joins; `code`: whoever has the founder's invite code. */
export const joinRuleSchema = z.enum(['open', 'code']);
export type JoinRule = z.infer<typeof joinRuleSchema>;

const expectedMembers = `expected 1 to ${MAX_TEAM_MEMBERS} members`;
export const maxMembersSchema = z
  .number()
  .int(expectedMembers)
  .min(1, expectedMembers)
  .max(MAX_TEAM_MEMBERS, expectedMembers);

/** A line of `GET /v1/teams`. */
export const teamRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  join: joinRuleSchema,
  members: count,
  maxMembers: count,
  createdAtMs: count,
});
export type TeamRow = z.infer<typeof teamRowSchema>;

/** `GET /v1/teams/{id}`. */
export const teamViewSchema = teamRowSchema.extend({
  founder: z.string(),
  /** Of the team's account. */
  balance: z.string(),
  people: z.array(z.object({ id: z.string(), name: z.string().optional(), sinceMs: count })),
});
export type TeamView = z.infer<typeof teamViewSchema>;

/** An origin as browsers write it: `https://example.org`, without a path. */
export const originSchema = z
  .string()
  .max(MAX_ORIGIN_CHARS)
  .regex(
    /^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9]\d{0,4})?$/,
    'expected an origin in lower case, like https://example.org, without a path',
  );

export const siteSpecSchema = z.strictObject({
  name: z.string().min(1).max(MAX_NAME_CHARS),
  /** Where it may show the network's pages. */
  origins: z.array(originSchema).min(1).max(MAX_SITE_ORIGINS),
  /** What it asks of its visitors' earnings; each of them agrees to it or to less, or does not. */
  proposedPercent: percentSchema,
});
export type SiteSpec = z.infer<typeof siteSpecSchema>;

/** What anybody may read of a site. */
export const siteViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  origins: z.array(z.string()),
  proposedPercent: count,
  createdAtMs: count,
});
export type SiteView = z.infer<typeof siteViewSchema>;

/** A line of its owner's listing. */
export const ownSiteSchema = siteViewSchema.extend({ owner: z.string(), balance: z.string() });
export type OwnSite = z.infer<typeof ownSiteSchema>;

/** What visitors of a site shared with it on one day (UTC). */
export const siteDaySchema = z.object({
  /** `2026-11-22`. */
  day: z.string(),
  microCredits: z.string(),
  credits: count,
});
export type SiteDayView = z.infer<typeof siteDaySchema>;

/** What of its earnings an account gives to others. */
export const sharingViewSchema = z.object({
  /** Null where it is in none. */
  team: teamRowSchema
    .extend({
      isFounder: z.boolean(),
      /** The invite code, to its founder only; null where none is needed. */
      code: z.string().nullable(),
      balance: z.string(),
    })
    .nullable(),
  teamPercent: count,
  /** Sites that its person has agreed to share with. */
  sites: z.array(z.object({ id: z.string(), name: z.string(), percent: count })),
});
export type SharingView = z.infer<typeof sharingViewSchema>;
