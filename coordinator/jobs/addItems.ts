/**
 * Takes items for a job that is held open: checks them against the inputs that the job has, cuts them, and hands them to the
 * engine. Program, policy and offer are the job's; nothing is run anew.
 */
import { canonicalJson } from '../../shared/canonicalJson.ts';
import { MAX_HELD_JOBS_PER_KEY } from '../../shared/limits.ts';
import type { AddItems } from '../../shared/protocol/addedItems.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { TensorPlace } from '../../shared/safetensors.ts';
import { describeSpec, sameDims, type NamedTensors } from '../../shared/tensor.ts';
import { isHeld } from '../core/job.ts';
import type { AddedLot, Job } from '../core/state.ts';
import { gateOf } from '../core/stream.ts';
import { digestOf } from '../digest.ts';
import {
  addedBefore,
  fullOf,
  type Addition,
  type AddOutcome,
  type Full,
} from '../engine/additions.ts';
import type { Engine } from '../engine/engine.ts';
import type { BlobStore } from '../store/blobs.ts';
import { cutOf } from './cut.ts';
import type { JobInputs } from './jobInputs.ts';
import { absentBlob } from './neededBlobs.ts';
import { smallestFor } from './policyChoice.ts';

export interface AddingDeps {
  readonly engine: Pick<Engine, 'jobs' | 'durable'>;
  readonly blobs: Pick<BlobStore, 'need'>;
  readonly inputs: Pick<JobInputs, 'layout' | 'rows'>;
}

export interface Added {
  readonly job: Job;
  readonly lot: AddedLot;
  /** The idempotency key was known: this is what was added then. */
  readonly repeated: boolean;
}

/** `job` as it is now, running or not; `isPrepaid`: whoever asks has a balance to keep to. */
export async function addToJob(
  deps: AddingDeps,
  job: Job,
  asked: AddItems,
  idempotencyKey: string | null,
  isPrepaid: boolean,
): Promise<Result<Added, Problem>> {
  const { inputs, items, budget } = asked;
  const repeat = {
    key: idempotencyKey === null ? null : textDigest(idempotencyKey),
    asked: textDigest(canonicalJson(asked)),
    stacked: inputs.stacked ?? null,
  };
  const before = addedBefore(job, { ...repeat, items });
  if (before !== null) {
    // It may have been added in a tick that is not in the store yet.
    await deps.engine.durable();
    return resultOf(before, job, asked);
  }
  // Nothing is read for a job that takes nothing.
  if (!isHeld(job))
    return fail(job.state.kind === 'running' ? closedProblem(job) : endedProblem(job));
  const cut = await cutAddition(deps, job, asked);
  if (!cut.ok) return cut;
  const most = budget === undefined ? null : BigInt(budget);
  const addition: Addition = { ...cut.value, ...repeat, budget: most, isPrepaid };
  return resultOf(await deps.engine.jobs.add(job.id, addition), job, asked);
}

const textDigest = (text: string): string => digestOf(new TextEncoder().encode(text));

async function cutAddition(
  { blobs, inputs }: AddingDeps,
  job: Job,
  { inputs: { stacked }, items: said, itemsPerShard: wish }: AddItems,
): Promise<Result<Pick<Addition, 'items' | 'itemsPerShard' | 'shards'>, Problem>> {
  const { program, facts, verification, itemsPerShard: most } = job;
  if (wish !== undefined && wish > most) return fail(tooLargeShards(most, wish));
  let items = said;
  if (stacked !== undefined) {
    // Before it is looked at: from here on no sweep takes it away (`retention/blobSweep.ts`).
    if ((await blobs.need(stacked)) === null) return fail(absentBlob(stacked, 'inputs.stacked'));
    const found = await rowsLikeThoseOf(inputs, job, stacked, said);
    if (!found.ok) return found;
    items = found.value;
  } else if (job.stacked !== null) return fail(NO_INPUTS);
  if (items === undefined) return fail(NO_COUNT);
  const full = fullOf(job, { items, shards: Math.ceil(items / most) });
  if (full !== null) return fail(fullProblem(full));
  const fewest = smallestFor(gateOf(verification));
  if (items < fewest) return fail(tooSmallLot(fewest, items));
  const sample: NamedTensors = stacked === undefined ? {} : await inputs.rows(stacked, [0]);
  const isSampled = verification.kind === 'sampled';
  const cutInto = (itemsPerShard: number | undefined) =>
    cutOf({ spec: { itemsPerShard }, program, items, sample, facts }, isSampled);
  // What the job was cut into was its author's wish, or good for it: a lot is small, but the job is not. A sampled lot
  // has to be of several shards itself: its probes are of no other.
  const cut = cutInto(wish ?? (isSampled ? undefined : most));
  return cut.ok && cut.value.itemsPerShard > most ? cutInto(most) : cut;
}

/** How many items the blob holds; a problem where they are not such as the job has. */
async function rowsLikeThoseOf(
  inputs: AddingDeps['inputs'],
  job: Job,
  stacked: NonNullable<Job['stacked']>,
  said: number | undefined,
): Promise<Result<number, Problem>> {
  const field = 'inputs.stacked';
  if (job.stacked === null) {
    const fix = 'leave inputs out, and say how many items: "items"';
    return fail({ code: 'input-unknown', detail: 'the job has no stacked inputs', field, fix });
  }
  const [own, came] = [
    await inputs.layout(job.stacked, field),
    await inputs.layout(stacked, field),
  ];
  if (!own.ok) return own;
  if (!came.ok) return came;
  const expected = new Map(own.value.map((place) => [place.name, place]));
  for (const place of came.value) {
    const like = expected.get(place.name);
    if (like === undefined) return fail(wrongInput('input-unknown', place, own.value));
    if (like.dtype !== place.dtype) return fail(wrongInput('input-dtype', place, [like]));
    if (!sameDims(like.dims.slice(1), place.dims.slice(1)) || place.dims[0] === undefined)
      return fail(wrongInput('input-shape', place, [like]));
    expected.delete(place.name);
  }
  const [missing] = expected.values();
  if (missing !== undefined)
    return fail({
      code: 'input-missing',
      detail: 'an input of the job is not among those that are added',
      field,
      expected: rowText(missing),
      came: came.value.map(({ name }) => name).join(', ') || 'nothing',
    });
  const items = said ?? came.value[0]!.dims[0]!;
  const other = came.value.find(({ dims }) => dims[0] !== items || dims[0] === 0);
  return other === undefined
    ? ok(items)
    : fail({
        code: 'input-count',
        detail: `stacked input "${other.name}" does not have as many items as the others, or as "items" says`,
        field,
        expected: `${Math.max(items, 1)} items`,
        came: `[${other.dims.join(',')}]`,
      });
}

const wrongInput = (
  code: 'input-unknown' | 'input-dtype' | 'input-shape',
  place: TensorPlace,
  expected: readonly TensorPlace[],
): Problem => ({
  code,
  detail: 'what is added does not fit the inputs that the job has',
  field: 'inputs.stacked',
  expected: expected.map(rowText).join(', '),
  came: `"${place.name}" ${describeSpec(place)}`,
  fix: 'give the same tensors as the job was posted with, stacked as [n, ...itemShape]',
});

const rowText = ({ name, dtype, dims }: TensorPlace): string =>
  `"${name}" ${dtype}[n${dims
    .slice(1)
    .map((dim) => `, ${dim}`)
    .join('')}]`;

function resultOf(outcome: AddOutcome, job: Job, { budget }: AddItems): Result<Added, Problem> {
  switch (outcome.kind) {
    case 'added':
      return ok(outcome);
    case 'conflict':
      return fail({
        code: 'idempotency-conflict',
        detail: 'this idempotency key was used for something else that was added to the job',
        came: job.id,
        fix: 'send a new Idempotency-Key for new items; ask for the same ones as before',
      });
    case 'ended':
      return fail(endedProblem(job));
    case 'closed':
      return fail(closedProblem(job));
    case 'full':
      return fail(fullProblem(outcome));
    case 'over-budget':
      return fail({
        code: 'budget-too-small',
        detail: 'with these items the job costs more than its budget',
        field: 'budget',
        expected: `at least ${outcome.price} micro-credits`,
        came: budget,
        fix: 'raise the budget, or add fewer items',
      });
    case 'short':
      return fail({
        code: 'balance-too-small',
        detail: 'these items cost more than the key of the job has',
        expected: `a balance of at least ${outcome.more} micro-credits`,
        came: `${outcome.balance}`,
        fix: `ask the operator for credit (idlewave keys grant ${job.author} CREDITS), or add fewer items`,
      });
    default:
      return outcome satisfies never;
  }
}

const endedProblem = ({ id }: Job): Problem => ({
  code: 'job-ended',
  detail: 'the job has ended: it takes no more items',
  expected: 'a running job that is held open',
  came: id,
  fix: 'post these items as another job',
});

const closedProblem = ({ id }: Job): Problem => ({
  code: 'job-closed',
  detail: 'the job is not held open: it ends with the items that it has',
  expected: 'a job that was posted with "open": true, and was not closed',
  came: id,
  fix: 'post these items as another job; with "open": true (idlewave submit --open) it takes more',
});

const fullProblem = ({ what, most, came }: Full): Problem => ({
  code: 'job-full',
  detail:
    what === 'lots'
      ? 'items were added to the job as often as they may be'
      : `with these items the job would have too many ${what}`,
  expected: what === 'lots' ? `at most ${most} additions` : `at most ${most} ${what}`,
  came: `${came}`,
  fix:
    what === 'lots'
      ? 'close it and go on in another job, and add more items at once there'
      : 'close it, and go on in another job',
});

const tooLargeShards = (most: number, wish: number): Problem => ({
  code: 'invalid-field',
  detail:
    'a shard of these items would be larger than those of the job, for which hosts are chosen',
  field: 'itemsPerShard',
  expected: `at most ${most}, as in the rest of the job`,
  came: `${wish}`,
  fix: 'leave itemsPerShard out, or post these items as another job',
});

const tooSmallLot = (fewest: number, items: number): Problem => ({
  code: 'lot-too-small',
  detail:
    'the job is checked by samples, and volunteers could not be sampled enough within so few items',
  field: 'items',
  expected: `at least ${fewest} items`,
  came: `${items}`,
  fix: 'gather more items and add them at once, or post them as another job',
});

const NO_INPUTS: Problem = {
  code: 'input-missing',
  detail: 'the job has stacked inputs, and none came with these items',
  field: 'inputs.stacked',
  expected: 'the digest of a blob with the rows of the new items',
};

const NO_COUNT: Problem = {
  code: 'input-count',
  detail: 'how many items are to be added is not said',
  field: 'items',
  expected: 'a number of items: the job has no stacked inputs that say it',
};

export const TOO_MANY_HELD: Problem = {
  code: 'too-many-open-jobs',
  detail: 'this key holds as many jobs open as it may',
  field: 'open',
  expected: `at most ${MAX_HELD_JOBS_PER_KEY} jobs that are held open`,
  fix: 'close one: idlewave jobs close ID, or leave "open" out',
};
