/**
 * Accounts and movements of credit, as they are asked for and told over HTTP.
 */
import { z } from 'zod';
import { ACCOUNT_PATTERN, type Account } from '../ledger.ts';

export const amountSchema = z
  .string()
  .regex(/^0*[1-9]\d{0,29}$/, 'expected more than 0 micro-credits, as decimal digits');

export const accountSchema = z
  .string()
  .regex(ACCOUNT_PATTERN, 'expected an account: author:ID, contributor:ID, site:ID or team:ID')
  .transform((text) => text as Account);

/** What the operator gives to a key. */
export const grantOrderSchema = z.strictObject({ microCredits: amountSchema });

/** From the account of whoever asks. */
export const transferOrderSchema = z.strictObject({
  to: accountSchema,
  microCredits: amountSchema,
});

/** Something other than work that changed an account. */
export const movementViewSchema = z.object({
  kind: z.enum(['grant', 'opening', 'escrow', 'refund', 'transfer']),
  from: z.string(),
  to: z.string(),
  microCredits: z.string(),
  /** Of an escrow and its refund. */
  job: z.string().optional(),
  atMs: z.number().int(),
  /** Its number in the public log; absent where the movement was made just now. */
  logIndex: z.number().int().optional(),
});
export type MovementView = z.infer<typeof movementViewSchema>;

export const balanceViewSchema = z.object({
  account: z.string(),
  /** What can be spent. */
  microCredits: z.string(),
  /** False where the network grants what a job of this key lacks. */
  prepaid: z.boolean(),
});
export type BalanceView = z.infer<typeof balanceViewSchema>;

/** All accounts, in their order, page by page. */
export const balancesPageSchema = z.object({
  /** Entries of the public log that these balances are the sum of. */
  logSize: z.number().int(),
  rows: z.array(z.object({ account: z.string(), microCredits: z.string().regex(/^-?\d{1,40}$/) })),
  next: z.string().nullable(),
});
export type BalancesPage = z.infer<typeof balancesPageSchema>;
