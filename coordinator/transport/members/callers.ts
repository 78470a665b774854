/**
 * Who is at the other end of a request: the network address that maxima and cohorts count by, and the origin that a
 * host signs. Told by the request itself, or by the member that forwards it.
 *
 * Invariant: a member's word is taken only with the proof of this tenure. Who shows another proof, or shows one where
 * nobody is to, is refused and not taken for a stranger: all callers of a member whose lead has just changed would
 * otherwise seem to come from that member.
 */
import type { IncomingMessage } from 'node:http';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { addressOf } from '../link/cohorts.ts';
import { CALLER_ADDRESS_HEADER, CALLER_ORIGIN_HEADER, MEMBER_HEADER, isProof } from './proofs.ts';

export interface Caller {
  readonly address: string;
  /** Of the coordinator, as the caller sees it. */
  readonly origin: string;
}

export interface CallersOptions {
  /** Origin under which this coordinator is reached; from the request where absent. */
  readonly publicOrigin: string | null;
  /** Proxies before it whose X-Forwarded-For is believed. */
  readonly trustedProxies: number;
}

type Asking = Pick<IncomingMessage, 'socket' | 'headers'>;

export class Callers {
  readonly #options: CallersOptions;
  /** Null where this coordinator has no members: it leads nobody. */
  #memberProof: string | null = null;

  constructor(options: CallersOptions) {
    this.#options = options;
  }

  /** From now on whoever shows this proof speaks for its callers. */
  trustMembers(proof: string): void {
    this.#memberProof = proof;
  }

  /** Why a request that says it comes from a member is refused; null for all others. */
  refusal(request: Asking): Problem | null {
    if (request.headers[MEMBER_HEADER] === undefined || this.isMember(request)) return null;
    return {
      code: 'not-ready',
      detail: 'this coordinator does not lead the one that forwarded this',
      expected: `a proof of this coordinator’s tenure in ${MEMBER_HEADER}, or no such header`,
      fix: 'try again in a moment: members find the new lead by themselves',
    };
  }

  isMember(request: Asking): boolean {
    const proof = this.#memberProof;
    return proof !== null && isProof(request.headers[MEMBER_HEADER], proof);
  }

  of(request: Asking): Caller {
    const { headers } = request;
    if (this.isMember(request)) {
      return {
        address: String(headers[CALLER_ADDRESS_HEADER] ?? 'unknown'),
        origin: String(headers[CALLER_ORIGIN_HEADER] ?? ''),
      };
    }
    const { publicOrigin, trustedProxies } = this.#options;
    return {
      address: addressOf(request, trustedProxies),
      origin: publicOrigin ?? `http://${headers.host ?? 'localhost'}`,
    };
  }
}
