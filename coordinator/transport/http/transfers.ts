/** What all routes that move credit share: that the receiver is there, one order for one key, and how it is told. */
import { randomBytes } from 'node:crypto';
import type { ContributorId, KeyId } from '../../../shared/ids.ts';
import { partsOf, postingsOf, type Account } from '../../../shared/ledger.ts';
import type { MovementView } from '../../../shared/protocol/ledger.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import type { Movement } from '../../core/ledger.ts';
import { digestOf } from '../../digest.ts';
import type { Order } from '../../engine/payments.ts';
import { refuse, type HttpDeps } from './context.ts';

export interface Transfer {
  readonly from: Account;
  readonly to: Account;
  readonly microCredits: bigint;
  readonly idempotencyKey: string | undefined;
}

export class Transfers {
  readonly #deps: Pick<HttpDeps, 'engine' | 'keys' | 'now'>;

  constructor(deps: Pick<HttpDeps, 'engine' | 'keys' | 'now'>) {
    this.#deps = deps;
  }

  /** The caller has seen to it that the payer is whoever asks. */
  async transfer({ from, to, microCredits, idempotencyKey }: Transfer): Promise<MovementView> {
    if (to === from) {
      const detail = 'an account cannot transfer to itself';
      return refuse({ code: 'invalid-field', detail, field: 'to', came: to });
    }
    await this.mustExist(to);
    const id = orderId(from, idempotencyKey);
    const atMs = this.#deps.now();
    return this.move({ type: 'transfer', id, from, to, microCredits, atMs });
  }

  async mustExist(account: Account): Promise<void> {
    if (!(await this.#exists(account))) refuse(unknownAccount(account));
  }

  async #exists(account: Account): Promise<boolean> {
    const { engine, keys } = this.#deps;
    const { kind, id } = partsOf(account);
    if (kind === 'author') return keys.isLiving(id as KeyId);
    if (kind !== 'contributor') return engine.communities.isLiving(account);
    const contributor = await engine.contributor(id as ContributorId);
    // A key leads to it: it was neither deleted nor linked to another account.
    return (
      contributor !== null && contributor.movedTo === undefined && contributor.publicKey !== ''
    );
  }

  async move(order: Order): Promise<MovementView> {
    const outcome = await this.#deps.engine.payments.move(order);
    if (outcome.kind === 'short') {
      return refuse({
        code: 'balance-too-small',
        detail: 'the account has less than that',
        expected: `at most ${outcome.balance} micro-credits`,
        came: `${order.microCredits}`,
      });
    }
    if (outcome.kind === 'gone') return refuse(unknownAccount(order.to));
    const { movement, repeated } = outcome;
    const isSame =
      'to' in movement && movement.to === order.to && movement.microCredits === order.microCredits;
    if (repeated && !isSame) {
      return refuse({
        code: 'idempotency-conflict',
        detail: 'this idempotency key was used for another order',
        came: `${order.microCredits} to ${order.to}`,
        fix: 'send a new Idempotency-Key for a new order',
      });
    }
    return movementView(movement);
  }
}

const unknownAccount = (came: Account): Problem => ({
  code: 'account-unknown',
  detail: 'nobody has this account',
  came,
  fix: 'see /v1/leaderboard for contributors and /v1/teams for teams; the operator sees keys with idlewave keys ls',
});

/** The same for the same key of the same payer; without a key each order is its own. */
export const orderId = (payer: Account, idempotencyKey: string | undefined): string =>
  idempotencyKey === undefined
    ? randomBytes(16).toString('hex')
    : digestOf(Buffer.from(JSON.stringify([payer, idempotencyKey]))).slice(0, 32);

export function movementView(movement: Movement): MovementView {
  const postings = postingsOf(movement);
  const { type: kind, microCredits, atMs } = movement;
  const job = 'job' in movement ? { job: movement.job } : {};
  return {
    kind,
    from: postings.find((it) => it.microCredits < 0n)!.account,
    to: postings.find((it) => it.microCredits > 0n)!.account,
    microCredits: microCredits.toString(),
    ...job,
    atMs: Math.floor(atMs),
  };
}
