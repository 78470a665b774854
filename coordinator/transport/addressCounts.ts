/**
 * How many sockets of one kind are open, in all and from one network address, against their maxima.
 */
import type { Problem } from '../../shared/protocol/problem.ts';

export class AddressCounts {
  readonly #most: { readonly inAll: number; readonly perAddress: number };
  readonly #counts = new Map<string, number>();
  #inAll = 0;

  constructor(inAll: number, perAddress: number) {
    this.#most = { inAll, perAddress };
  }

  /** Why one more from `address` is refused; null where it is not. */
  refusal(address: string): Problem | null {
    const { inAll, perAddress } = this.#most;
    if (this.#inAll < inAll && (this.#counts.get(address) ?? 0) < perAddress) return null;
    return {
      code: 'too-many-links',
      detail: 'too many links are open',
      expected: `at most ${perAddress} from one address, ${inAll} in all`,
      fix: 'try again later',
    };
  }

  enter(address: string): void {
    this.#inAll += 1;
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
  }

  leave(address: string): void {
    this.#inAll -= 1;
    const left = (this.#counts.get(address) ?? 1) - 1;
    if (left === 0) this.#counts.delete(address);
    else this.#counts.set(address, left);
  }
}
