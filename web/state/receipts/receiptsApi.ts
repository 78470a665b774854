/** What the coordinator tells anybody of finished work, asked for by a page. An answer that cannot be read is a failure. */
import { z } from 'zod';
import {
  receiptSchema,
  shardViewSchema,
  type Receipt,
  type ReceiptKind,
  type ShardView,
} from '../../../shared/protocol/receipts.ts';
import { fail, messageOf, ok, type Result } from '../../../shared/result.ts';

const pageSchema = z.object({ rows: z.array(receiptSchema), next: z.string().nullable() });
const balanceSchema = z.object({ microCredits: z.string().regex(/^\d{1,30}$/) });

export interface ReceiptPage {
  readonly rows: readonly Receipt[];
  readonly next: string | null;
}

/** Why there is no answer, for a person. `unknown`: the coordinator knows nothing of it. */
export interface NoAnswer {
  readonly kind: 'unknown' | 'unreachable';
  readonly text: string;
}

export interface ReceiptsApi {
  page(
    contributor: string,
    cursor: string | null,
    kind?: ReceiptKind,
  ): Promise<Result<ReceiptPage, NoAnswer>>;
  shard(id: string): Promise<Result<ShardView, NoAnswer>>;
  /** Micro-credits of a contributor. */
  balance(contributor: string): Promise<Result<bigint, NoAnswer>>;
}

const DEADLINE_MS = 15_000;

export function receiptsApi(origin: string, http: typeof fetch): ReceiptsApi {
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<Result<T, NoAnswer>> => {
    try {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const response = await http(origin + path, { signal, cache: 'no-store' });
      if (response.status === 404) return fail({ kind: 'unknown', text: 'there is no such thing' });
      if (!response.ok) return unreachable(`the coordinator answers with ${response.status}`);
      const answer = schema.safeParse(await response.json());
      return answer.success ? ok(answer.data) : unreachable('the answer cannot be read');
    } catch (thrown) {
      return unreachable(messageOf(thrown, 200));
    }
  };
  const contributorPath = (id: string) => `/v1/contributors/${encodeURIComponent(id)}`;
  return {
    page(contributor, cursor, kind) {
      const query = new URLSearchParams();
      if (cursor !== null) query.set('cursor', cursor);
      if (kind !== undefined) query.set('kind', kind);
      return get(`${contributorPath(contributor)}/credits?${query.toString()}`, pageSchema);
    },
    shard: (id) => get(`/v1/shards/${encodeURIComponent(id)}`, shardViewSchema),
    async balance(contributor) {
      const known = await get(contributorPath(contributor), balanceSchema);
      return known.ok ? ok(BigInt(known.value.microCredits)) : known;
    },
  };
}

const unreachable = (text: string): Result<never, NoAnswer> => fail({ kind: 'unreachable', text });
