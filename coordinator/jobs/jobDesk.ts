/**
 * Takes job specifications: checks everything that can be checked before a volunteer sees the job, prices
 * it, cuts it into shards, and hands it to the store and the engine.
 */
import { randomBytes } from 'node:crypto';
import type { Acceptance } from '../../shared/acceptance.ts';
import { makeJobId, type KeyId } from '../../shared/ids.ts';
import { MAX_ITEMS_PER_JOB, MAX_MODEL_BYTES } from '../../shared/limits.ts';
import { FAILED_TENSOR, ITEM_TENSOR, type JobSpec } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { JobProgram } from '../../shared/protocol/program.ts';
import { fail, ok, unreachable, type Result } from '../../shared/result.ts';
import { METADATA_KEY } from '../../shared/safetensors.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { findKernel } from '../../kernels/catalog.ts';
import type { Volunteers } from '../core/odds.ts';
import { shardsOf } from '../core/plan.ts';
import { NO_COUNTS, type Job, type ProgramFacts } from '../core/state.ts';
import { digestOf } from '../digest.ts';
import type { Engine } from '../engine/engine.ts';
import type { Referee } from '../referee/referee.ts';
import type { BlobStore } from '../store/blobs.ts';
import type { Store } from '../store/store.ts';
import { algebraicShare, checkProblem, checkingNotes, honestMayDiffer } from './checkProblem.ts';
import { analyseProgram, modelBytes } from './analysis.ts';
import { cutOf } from './cut.ts';
import type { JobInputs } from './jobInputs.ts';
import { choosePolicy, type Choice } from './policyChoice.ts';
import { volunteersFor } from './volunteers.ts';

/**
 * Two honest f32 engines differ by about 1e-6 to 1e-5 on real networks; f16 weights by 5e-4 (see
 * docs/verification.md). The element guard is ten times the aggregate: one element may be off by that.
 */
export const ONNX_ACCEPTANCE: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-4,
  maxElementError: 1e-3,
  nonFinite: 'refuse',
};

export interface JobDeskDeps {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly inputs: JobInputs;
  readonly referee: Pick<Referee, 'analyse'>;
  readonly engine: Engine;
  readonly now: () => number;
}

/** A job as it would be if it were posted now. */
export type PlannedJob = Omit<Job, 'id' | 'permutationKey' | 'createdAtMs' | 'state'>;

/** A job as it would be, and what else its author should know before posting it. */
export interface Plan extends Pick<Choice, 'offer' | 'alternatives'> {
  readonly job: PlannedJob;
  /** Connected contributors that could be given it now. */
  readonly volunteers: Volunteers;
  readonly notes: readonly string[];
}

export interface Posted {
  readonly job: Job;
  /** The idempotency key was known: this is the job that was posted then. */
  readonly repeated: boolean;
}

export interface Payer {
  readonly key: KeyId;
  /** Has a balance to keep to. */
  readonly isPrepaid: boolean;
}

export class JobDesk {
  readonly #deps: JobDeskDeps;

  constructor(deps: JobDeskDeps) {
    this.#deps = deps;
  }

  async post(
    payer: Payer,
    spec: JobSpec,
    idempotencyKey: string | null,
  ): Promise<Result<Posted, Problem>> {
    const planned = await this.plan(spec, payer.key);
    if (!planned.ok) return planned;
    const job: Job = {
      ...planned.value.job,
      id: makeJobId(randomBytes),
      permutationKey: randomBytes(32).toString('hex'),
      createdAtMs: this.#deps.now(),
      state: { kind: 'running' },
    };
    const shards = shardsOf(job);
    const specDigest = digestOf(Buffer.from(JSON.stringify(spec)));
    const outcome = await this.#deps.engine.payments.post({
      job,
      shards,
      idempotencyKey,
      specDigest,
      isPrepaid: payer.isPrepaid,
    });
    if (outcome.kind === 'added') return ok({ job, repeated: false });
    if (outcome.kind === 'short') return fail(unaffordable(payer.key, job, outcome.balance));
    const existing =
      this.#deps.engine.runningJob(outcome.job) ?? (await this.#deps.store.job(outcome.job));
    if (existing !== null && outcome.sameSpec) return ok({ job: existing, repeated: true });
    return fail({
      code: 'idempotency-conflict',
      detail: 'this idempotency key was used for another job',
      came: outcome.job,
      fix: 'send a new Idempotency-Key for a new job',
    });
  }

  /** Everything about the job that can be known before it is posted. */
  async plan(spec: JobSpec, author: KeyId): Promise<Result<Plan, Problem>> {
    const program = await this.#program(spec.program);
    if (!program.ok) return program;
    const unchecked = checkProblem(spec);
    if (unchecked !== null) return fail(unchecked);
    const data = await this.#data(spec);
    if (!data.ok) return data;
    const { items, constants, constantBytes, sample } = data.value;
    const acceptance = spec.acceptance ?? program.value.acceptance;
    const analysed = await analyseProgram(this.#deps, spec.program, {
      model: program.value.model,
      constants,
      constantBytes,
      sample,
      nonFinite: acceptance.nonFinite,
    });
    if (!analysed.ok) return analysed;
    const facts = analysed.value;
    const { outputs, flopsPerItem, refereeMsPerItem } = facts;
    const reserved = RESERVED_NAMES.find((name) => Object.hasOwn(outputs, name));
    if (reserved !== undefined) return fail(reservedOutput(reserved));
    const { ratePercent } = spec;
    const uncut = { spec, items, sample, facts };
    const volunteers = await this.#volunteersFor(spec, author, acceptance, facts);
    const choice = choosePolicy(spec.verification, {
      items,
      ratePercent,
      flopsPerItem,
      refereeMsPerItem,
      volunteers,
      algebraicShare: algebraicShare(spec, facts),
      honestMayDiffer: honestMayDiffer(spec.program, acceptance, outputs),
      stages: spec.program.kind === 'staged' ? spec.program.stages.length : null,
      cutFor: (sampled) => cutOf(uncut, sampled),
    });
    if (!choice.ok) return choice;
    const { cut, offer, why, alternatives } = choice.value;
    const price = BigInt(offer.price);
    if (spec.budget !== undefined && BigInt(spec.budget) < price)
      return fail(overBudget(spec, price));
    const job: PlannedJob = {
      author,
      name: spec.name,
      program: spec.program,
      stacked: spec.inputs.stacked ?? null,
      constants: spec.inputs.constant ?? null,
      ...cut,
      verification: offer.verification,
      asked: spec.verification,
      why,
      acceptance,
      facts,
      priceMicroCredits: price,
      ...(ratePercent === undefined ? {} : { ratePercent }),
      counts: NO_COUNTS,
    };
    return ok({ job, offer, alternatives, volunteers, notes: checkingNotes(job) });
  }

  /** How many items a shard has, by which memory is judged, follows from the policy: the largest is assumed. */
  #volunteersFor(
    { program, itemsPerShard = 1, ratePercent }: JobSpec,
    author: KeyId,
    acceptance: Acceptance,
    facts: ProgramFacts,
  ) {
    const { engine, now } = this.#deps;
    const rate = ratePercent === undefined ? {} : { ratePercent };
    const work = { author, program, acceptance, facts, itemsPerShard, ...rate };
    return volunteersFor(work, engine, now());
  }

  async #program(
    program: JobProgram,
  ): Promise<Result<{ model: Uint8Array | null; acceptance: Acceptance }, Problem>> {
    switch (program.kind) {
      case 'kernel': {
        const entry = findKernel(program.kernel);
        return entry === undefined
          ? fail({
              code: 'kernel-unknown',
              detail: 'the catalogue has no such kernel',
              field: 'program.kernel',
              came: program.kernel,
              fix: 'see the catalogue: name@version, for example matmul@1',
            })
          : ok({ model: null, acceptance: entry.manifest.acceptance });
      }
      case 'onnx': {
        const model = await modelBytes(this.#deps.blobs, program.model, 'program.model');
        return model.ok ? ok({ model: model.value, acceptance: ONNX_ACCEPTANCE }) : model;
      }
      case 'staged':
        // Read one by one when they are analysed: together they may be larger than any process would hold.
        return ok({ model: null, acceptance: ONNX_ACCEPTANCE });
      default:
        return unreachable(program satisfies never);
    }
  }

  /** The number of items, the constant inputs, and the first item. */
  async #data(spec: JobSpec): Promise<Result<JobData, Problem>> {
    const { inputs } = this.#deps;
    let items = spec.items;
    let sample: NamedTensors = {};
    if (spec.inputs.stacked !== undefined) {
      const layout = await inputs.layout(spec.inputs.stacked, 'inputs.stacked');
      if (!layout.ok) return layout;
      for (const { name, dims } of layout.value) {
        const expected = items === undefined ? 'a first axis of items' : `${items} items`;
        if (dims[0] === undefined || dims[0] === 0 || (items !== undefined && dims[0] !== items)) {
          return fail({
            code: 'input-count',
            detail: `stacked input "${name}" does not have the job's number of items`,
            field: 'inputs.stacked',
            expected,
            came: `[${dims.join(',')}]`,
            fix: 'stack every input as [N, ...itemShape], or post it as a constant input',
          });
        }
        items = dims[0];
      }
      if (items !== undefined && items <= MAX_ITEMS_PER_JOB) {
        sample = await inputs.rows(spec.inputs.stacked, [0]);
      }
    }
    items ??= 1;
    if (items > MAX_ITEMS_PER_JOB) {
      const detail = 'the job has too many items';
      const fix = 'post it as several jobs';
      return fail({
        code: 'too-many-items',
        detail,
        expected: `at most ${MAX_ITEMS_PER_JOB}`,
        came: `${items}`,
        fix,
      });
    }
    if (spec.inputs.constant === undefined)
      return ok({ items, constants: {}, constantBytes: 0, sample });
    const layout = await inputs.layout(spec.inputs.constant, 'inputs.constant');
    if (!layout.ok) return layout;
    const constantBytes = layout.value.reduce((sum, { start, end }) => sum + end - start, 0);
    if (constantBytes > MAX_MODEL_BYTES) {
      const detail = 'the constant inputs are too large for a tab';
      const expected = `at most ${MAX_MODEL_BYTES} bytes`;
      return fail({
        code: 'model-too-large',
        detail,
        field: 'inputs.constant',
        expected,
        came: `${constantBytes}`,
      });
    }
    const constants = await inputs.all(spec.inputs.constant);
    return ok({ items, constants, constantBytes, sample });
  }
}

interface JobData {
  readonly items: number;
  readonly constants: NamedTensors;
  readonly constantBytes: number;
  /** The first item: every stacked tensor as `[1, ...itemShape]`. */
  readonly sample: NamedTensors;
}

/** Tensors of a page of results, and safetensors' own word: an output called so could not be handed out. */
const RESERVED_NAMES = [ITEM_TENSOR, FAILED_TENSOR, METADATA_KEY];

const reservedOutput = (name: string): Problem => ({
  code: 'model-refused',
  detail: `an output is called "${name}", which is reserved`,
  field: 'program.model',
  expected: `outputs with names other than ${RESERVED_NAMES.join(', ')}`,
  came: name,
  fix: 'rename the output, or leave it out of program.outputs',
});

const overBudget = (spec: JobSpec, price: bigint): Problem => ({
  code: 'budget-too-small',
  detail: 'the job costs more than its budget',
  field: 'budget',
  expected: `at least ${price} micro-credits`,
  came: spec.budget,
  fix: 'raise the budget, post fewer items, or ask for a smaller quorum',
});

const unaffordable = (key: KeyId, job: Job, balance: bigint): Problem => ({
  code: 'balance-too-small',
  detail: 'the job costs more than this key has',
  expected: `a balance of at least ${job.priceMicroCredits} micro-credits`,
  came: `${balance}`,
  fix: `ask the operator for credit (idlewave keys grant ${key} CREDITS), or post fewer items`,
});
