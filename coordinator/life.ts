/**
 * Which part a coordinator has among those of one store: it leads, or follows the one that does, and takes its place
 * when it goes. Decides nothing by itself: whoever holds the store leads, and the database gives it to one.
 *
 * Holds no socket and asks no clock; what is looked at and done comes through `LifePorts`. Invariant: once it leads it
 * leads until it ends; it never goes back to following, since what it has in memory is true for its tenure only.
 */
import { assert, type Result } from '../shared/result.ts';
import type { Lead, StoreOutlook } from './store/postgresWatch.ts';

export type Standing =
  /** Nobody leads, as far as this one can see. */
  | { readonly kind: 'seeking'; readonly why: string }
  /** Nobody leads, and this one may not. */
  | { readonly kind: 'unfit'; readonly why: string }
  | {
      readonly kind: 'following';
      readonly lead: Lead;
      /** Of the store: with it both prove who they are. */
      readonly secret: string;
      /** Why this one could not take the lead's place; null where it could. */
      readonly unfitness: string | null;
    }
  | { readonly kind: 'leading' }
  | { readonly kind: 'ended' };

export interface LifePorts {
  look(): Promise<Result<StoreOutlook, string>>;
  /** Why this coordinator could not lead that store; null where it could. */
  unfitness(outlook: StoreOutlook): Promise<string | null>;
  /** Takes the store and begins to lead. False where another was quicker; rejects where it cannot lead at all. */
  lead(): Promise<boolean>;
  /** Does the lead answer, and is it the one of that tenure? */
  reach(lead: Lead, secret: string): Promise<Result<void, string>>;
  /** Called when what it does has changed, in the order of the changes. */
  onStanding(standing: Standing): void;
}

export class Life {
  readonly #ports: LifePorts;
  #step: Promise<void> | null = null;
  #standing: Standing = { kind: 'seeking', why: 'the store has not been looked at yet' };

  constructor(ports: LifePorts) {
    this.#ports = ports;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Looks once, and does what follows. Rejects with what `lead` rejects with; it has ended then. One at a time. */
  step(): Promise<void> {
    this.#step ??= this.#look().finally(() => (this.#step = null));
    return this.#step;
  }

  async #look(): Promise<void> {
    if (this.#standing.kind === 'leading' || this.#standing.kind === 'ended') return;
    const outlook = await this.#ports.look();
    if (this.#hasEnded) return;
    if (!outlook.ok) {
      // The lead may well have its database: it alone says so, by what it answers.
      if (this.#standing.kind !== 'following') this.#seek(outlook.error);
    } else if (outlook.value.isHeld) await this.#follow(outlook.value);
    else await this.#succeed(outlook.value);
  }

  /** For good. */
  end(): void {
    this.#enter({ kind: 'ended' });
  }

  /** The store is free. */
  async #succeed(outlook: StoreOutlook): Promise<void> {
    const unfitness = await this.#ports.unfitness(outlook);
    if (this.#hasEnded) return;
    if (unfitness !== null) return this.#enter({ kind: 'unfit', why: unfitness });
    this.#seek('this coordinator is about to lead');
    try {
      const leads = await this.#ports.lead();
      if (this.#hasEnded) return;
      if (leads) this.#enter({ kind: 'leading' });
      else this.#seek('another coordinator is about to lead');
    } catch (thrown) {
      this.end();
      throw thrown;
    }
  }

  async #follow(outlook: StoreOutlook): Promise<void> {
    const { lead, secret } = outlook;
    if (lead === null || secret === null) {
      return this.#seek(
        'the coordinator that holds the store has not said yet where it is reached',
      );
    }
    const reached = await this.#ports.reach(lead, secret);
    if (this.#hasEnded) return;
    if (!reached.ok) {
      return this.#seek(`the coordinator that leads, at ${lead.address}: ${reached.error}`);
    }
    const standing = this.#standing;
    if (standing.kind === 'following' && standing.lead.tenure === lead.tenure) return;
    const unfitness = await this.#ports.unfitness(outlook);
    if (!this.#hasEnded) this.#enter({ kind: 'following', lead, secret, unfitness });
  }

  get #hasEnded(): boolean {
    return this.#standing.kind === 'ended';
  }

  #seek(why: string): void {
    this.#enter({ kind: 'seeking', why });
  }

  /** The one place where the standing changes. */
  #enter(standing: Standing): void {
    const before = this.#standing;
    const { kind } = before;
    if (kind === 'ended') return;
    if ('why' in before && 'why' in standing && before.why === standing.why) return;
    assert(kind !== 'leading' || standing.kind === 'ended', 'who leads does not go back');
    this.#standing = standing;
    this.#ports.onStanding(standing);
  }
}
