/**
 * What a contributor asks of its account over HTTP: every request but the first is signed (`shared/signedRequest.ts`).
 *
 * The action that is signed is the path below `ACCOUNT_PATH`.
 */
import { z } from 'zod';
import { MAX_DISPLAY_NAME_CHARS, MAX_NAME_CHARS } from '../limits.ts';
import { envelopeSchema, publicKeySchema, signatureSchema } from '../signedRequest.ts';
import { microCreditsSchema } from './job.ts';
import { accountSchema, amountSchema } from './ledger.ts';
import {
  joinRuleSchema,
  maxMembersSchema,
  memberIdSchema,
  percentSchema,
  sharingViewSchema,
  siteIdSchema,
  teamIdSchema,
} from './sharing.ts';

export const ACCOUNT_PATH = '/v1/account';

/** Letters, marks, digits, punctuation, symbols and single spaces: nothing that is not seen, nor turns text round. */
const PRINTABLE =
  // Hangul's fillers are letters, and the empty Braille pattern a symbol.
  /^(?!.*[\u115f\u1160\u3164\uffa0\u2800])[\p{L}\p{M}\p{N}\p{P}\p{S}]+( [\p{L}\p{M}\p{N}\p{P}\p{S}]+)*$/u;
export const displayNameSchema = z
  .string()
  .max(MAX_DISPLAY_NAME_CHARS, `expected at most ${MAX_DISPLAY_NAME_CHARS} characters`)
  .regex(PRINTABLE, 'expected letters, digits and signs, with single spaces between them');

/** Crockford's base32 without the letters that look like digits: 40 bits. */
export const LINK_CODE_CHARS = 8;
export const linkCodeSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}$/);

/** As people type it: any case, with spaces or dashes, O for 0, I and L for 1. Null where it is no code. */
export function readLinkCode(typed: string): string | null {
  const plain = typed
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return linkCodeSchema.safeParse(plain).success ? plain : null;
}

/** In two groups, as it is shown. */
export const spellLinkCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`;

export const challengeViewSchema = z.object({
  nonce: z.string(),
  /** It is answered within this time, once. */
  lifetimeMs: z.number(),
});

/** Another key takes part: the one of a recovery phrase. */
const recovery = {
  recoveryKey: publicKeySchema,
  /** By the phrase's key, over `consentText(...)`. */
  recoveryProof: signatureSchema,
};

export const accountRequests = {
  /** The account that the key leads to. */
  show: envelopeSchema,
  name: envelopeSchema.extend({ name: displayNameSchema.nullable() }),
  /** Whether the account is in leaderboards and exports, from their next round on. */
  listing: envelopeSchema.extend({ listed: z.boolean() }),
  /** A linking code; it replaces the account's last one. */
  codes: envelopeSchema,
  /** The signing key is linked to the account that made the code. */
  link: envelopeSchema.extend({ code: linkCodeSchema, deviceName: displayNameSchema }),
  /** The phrase may restore the account from now on, an older one may not any more. */
  recovery: envelopeSchema.extend(recovery),
  /** The signing key is linked to the account of the phrase. */
  restore: envelopeSchema.extend({ ...recovery, deviceName: displayNameSchema }),
  'remove-device': envelopeSchema.extend({ device: z.string().max(80) }),
  delete: envelopeSchema,
  'team-create': envelopeSchema.extend({
    name: displayNameSchema,
    join: joinRuleSchema,
    maxMembers: maxMembersSchema,
  }),
  'team-join': envelopeSchema.extend({ team: teamIdSchema, code: linkCodeSchema.nullable() }),
  'team-leave': envelopeSchema,
  /** By its founder, as all that follow. Whoever is in stays; a code that was replaced is good no more. */
  'team-change': envelopeSchema.extend({
    join: joinRuleSchema,
    maxMembers: maxMembersSchema,
    newCode: z.boolean(),
  }),
  'team-remove': envelopeSchema.extend({ member: memberIdSchema }),
  'team-hand-over': envelopeSchema.extend({ to: memberIdSchema }),
  'team-dissolve': envelopeSchema,
  /** What of its earnings goes to others: of work that is handed out from now on. */
  share: envelopeSchema.extend({
    teamPercent: percentSchema,
    /** Its percents from now on; nothing changes where it is null. */
    site: z.strictObject({ id: siteIdSchema, percent: percentSchema }).nullable(),
  }),
  /** Credit of the account, or of the team that it has founded, to somebody else. */
  give: envelopeSchema.extend({
    from: z.enum(['own', 'team']),
    to: accountSchema,
    microCredits: amountSchema,
    /** The same order twice under one key is done once. */
    idempotencyKey: z.string().min(1).max(MAX_NAME_CHARS),
  }),
} as const;
export type AccountAction = keyof typeof accountRequests;

export const deviceViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  linkedAtMs: z.number(),
  /** It signed this request. */
  isThis: z.boolean(),
});
export type DeviceView = z.infer<typeof deviceViewSchema>;

export const accountViewSchema = z.object({
  contributor: z.string(),
  name: z.string().nullable(),
  microCredits: microCreditsSchema,
  verifiedItems: z.number(),
  /** It is in leaderboards and exports. */
  listed: z.boolean(),
  /** Empty while the account has only its first key. */
  devices: z.array(deviceViewSchema),
  hasRecovery: z.boolean(),
  /** What it can give: final credit, after shares and transfers. */
  balance: microCreditsSchema,
  sharing: sharingViewSchema,
});
export type AccountView = z.infer<typeof accountViewSchema>;

export const linkCodeViewSchema = z.object({ code: linkCodeSchema, lifetimeMs: z.number() });
export type LinkCodeView = z.infer<typeof linkCodeViewSchema>;
