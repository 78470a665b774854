/**
 * The route that explains a job's shards: who computed each, what was checked and found, what could still be wrong.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { shardIdOf } from '../../../shared/ids.ts';
import { MAX_PAGE_ROWS, MAX_SHARDS_PER_JOB } from '../../../shared/limits.ts';
import {
  jobExplanationSchema,
  type ShardExplanation,
  type Waiting,
} from '../../../shared/protocol/job.ts';
import type { Assignment, Job, Shard } from '../../core/state.ts';
import type { ShardWork } from '../../core/step.ts';
import { checksMissing, gateOf, streamKeyOf, streamOf } from '../../core/stream.ts';
import { explanationOf, type Circumstances } from '../../jobs/explanation.ts';
import { jobFinder, requireAuthor } from './auth.ts';
import {
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';

/** Shards that have ended, of which each is read from the store with its assignments. */
const MOST_ENDED = 200;

export function explainRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { engine, store } = deps;
  const jobOf = jobFinder(deps);
  app.use('/v1/jobs/:id/explain', requireAuthor(deps));

  const missingOf = async (job: Job, { shard, assignments }: ShardWork): Promise<number | null> => {
    const { state } = shard;
    // Of stages each has a stream of its own, and no number is the shard's.
    if (state.kind !== 'provisional' || job.verification.kind === 'stages') return null;
    const accepted = assignments.find(({ id }) => id === state.assignment);
    if (accepted === undefined) return null;
    const contributor = await engine.contributor(accepted.contributor);
    const stream = streamOf(contributor?.streams ?? [], streamKeyOf(job));
    return checksMissing(stream, state.checksThen, gateOf(job.verification));
  };

  const workOf = async (shard: Shard['id']): Promise<ShardWork | null> => {
    const open = engine.work.shards.get(shard);
    if (open !== undefined) return open;
    // What has left the open work is in the store only then: no shard is missing from both.
    await engine.durable();
    const ended = await store.shard(shard);
    return ended === null ? null : { shard: ended, assignments: await store.assignmentsOf(shard) };
  };

  /** Contributors whose reports the probes of the shard's accepted report were held against. */
  const oppositeOf = async ({ shard, assignments }: ShardWork): Promise<number | null> => {
    const accepted = acceptedOf(shard, assignments);
    if (accepted === undefined || accepted.probes.length === 0) return null;
    const contributors = new Set<string>();
    for (const probed of new Set(accepted.probes.map((probe) => probe.shard))) {
      const other = await workOf(probed);
      const owner = other === null ? undefined : acceptedOf(other.shard, other.assignments);
      if (owner !== undefined) contributors.add(owner.contributor);
    }
    return contributors.size === 0 ? null : contributors.size;
  };

  const explained = async (
    job: Job,
    work: ShardWork,
    waiting: readonly Waiting[],
    opposite: number | null = null,
  ) => {
    // The sentence that the job waits with, as a clause of this shard's.
    const excluded = waiting.find(({ code }) => code === 'excluded')?.text.slice(0, -1) ?? null;
    const circumstances: Circumstances = {
      checksMissing: await missingOf(job, work),
      opposite,
      excluded,
    };
    return explanationOf(job, work.shard, work.assignments, circumstances);
  };

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/jobs/{id}/explain',
      summary:
        'Why each open shard waits, and how the last ended ones, or one of them, were decided',
      request: {
        params: idParams,
        query: z.object({
          /** Its number in the job, from 0. */
          shard: z.coerce.number().int().min(0).max(MAX_SHARDS_PER_JOB).optional(),
        }),
      },
      responses: {
        200: jsonResponse('Explanations', jobExplanationSchema),
        default: problemResponse,
      },
    }),
    async (c) => {
      const job = await jobOf(c, c.req.valid('param').id);
      const { shard: index } = c.req.valid('query');
      const waiting = engine.waitingOf(job);
      if (index !== undefined) {
        const work = await workOf(shardIdOf(job.id, index));
        if (work === null) return refuse(noSuchShard(job, index));
        const shards = [await explained(job, work, waiting, await oppositeOf(work))];
        return c.json({ waiting, shards }, 200);
      }
      const open = new Map<string, ShardExplanation>();
      for (const work of engine.work.shards.values()) {
        if (open.size >= MAX_PAGE_ROWS) break;
        if (work.shard.job === job.id) open.set(work.shard.id, await explained(job, work, waiting));
      }
      await engine.durable();
      const ended: ShardExplanation[] = [];
      const count = job.counts.settledShards + job.counts.failedShards;
      const room = Math.min(MAX_PAGE_ROWS - open.size, MOST_ENDED);
      for (const { shard } of await store.endedShards(job.id, Math.max(0, count - room), room)) {
        open.delete(shard.id);
        ended.push(
          await explained(
            job,
            { shard, assignments: await store.assignmentsOf(shard.id) },
            waiting,
          ),
        );
      }
      return c.json({ waiting, shards: [...open.values(), ...ended] }, 200);
    },
  );

  return app;
}

/** The assignment whose report the shard's output is. */
function acceptedOf({ state }: Shard, assignments: readonly Assignment[]): Assignment | undefined {
  if (state.kind === 'provisional') return assignments.find(({ id }) => id === state.assignment);
  return assignments.find((it) => it.state.kind === 'judged' && it.state.verdict !== 'disagree');
}

const noSuchShard = ({ shards }: Job, index: number) =>
  ({
    code: 'not-found',
    detail: 'the job has no such shard',
    expected: `a number from 0 to ${shards - 1}`,
    came: String(index),
  }) as const;
