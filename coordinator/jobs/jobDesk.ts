/**
 * Takes job specifications: checks everything that can be checked before a volunteer sees the job, prices
 * it, cuts it into shards, and hands it to the store and the engine.
 */
import { randomBytes } from 'node:crypto';
import { isFloat, type Acceptance } from '../../shared/acceptance.ts';
import { makeJobId, type KeyId } from '../../shared/ids.ts';
import { MAX_HELD_MS, MAX_ITEMS_PER_JOB, MAX_MODEL_BYTES } from '../../shared/limits.ts';
import type { AddItems } from '../../shared/protocol/addedItems.ts';
import type { JobSpec } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { programAsked, type JobProgram } from '../../shared/protocol/program.ts';
import { fail, ok, unreachable, type Result } from '../../shared/result.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import { findKernel } from '../../kernels/catalog.ts';
import type { Volunteers } from '../core/odds.ts';
import { mostPerRun, shardsOf } from '../core/plan.ts';
import { NO_COUNTS, type Job, type ProgramFacts } from '../core/state.ts';
import { digestOf } from '../digest.ts';
import type { Engine } from '../engine/engine.ts';
import type { BatchChoice } from '../referee/chooseBatch.ts';
import type { Referee } from '../referee/referee.ts';
import type { BlobStore } from '../store/blobs.ts';
import type { Store } from '../store/store.ts';
import { algebraicShare, checkProblem, checkingNotes, honestMayDiffer } from './checkProblem.ts';
import { TOO_MANY_HELD, addToJob } from './addItems.ts';
import { analyseProgram, modelBytes } from './analysis.ts';
import { BatchMemory } from './batchMemory.ts';
import { cutOf } from './cut.ts';
import { RESERVED_NAMES, overBudget, reservedOutput, unaffordable } from './deskProblems.ts';
import type { JobInputs } from './jobInputs.ts';
import { needBlobs } from './neededBlobs.ts';
import { choosePolicy, type Choice } from './policyChoice.ts';
import { ableFor, volunteersFor, type Able } from './volunteers.ts';

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

/** WGSL allows sines and powers errors of 2^-11; what should be nearer its author says. */
export const WGSL_ACCEPTANCE: Acceptance = {
  kind: 'relative-l2',
  maxRelativeL2: 1e-3,
  maxElementError: 1e-2,
  nonFinite: 'refuse',
};
const EXACT: Acceptance = { kind: 'exact', nonFinite: 'refuse' };

export interface JobDeskDeps {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly inputs: JobInputs;
  readonly referee: Pick<Referee, 'analyse'>;
  readonly engine: Engine;
  readonly now: () => number;
}

/** A job as it would be if it were posted now. */
export type PlannedJob = Omit<
  Job,
  'id' | 'permutationKey' | 'createdAtMs' | 'expiresAtMs' | 'state'
>;

/** A job as it would be, and what else its author should know before posting it. */
export interface Plan extends Pick<Choice, 'offer' | 'alternatives'> {
  readonly job: PlannedJob;
  /** Connected contributors that could be given it now. */
  readonly volunteers: Volunteers;
  /** The devices that could, and why the others could not. */
  readonly able: Able;
  readonly notes: readonly string[];
}

/** What planning a job of the program found out before: it is not run again. */
export interface KnownProgram {
  readonly facts: ProgramFacts;
  readonly acceptance: Acceptance;
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
  readonly #batches = new BatchMemory();

  constructor(deps: JobDeskDeps) {
    this.#deps = deps;
  }

  async post(
    payer: Payer,
    spec: JobSpec,
    idempotencyKey: string | null,
    known?: KnownProgram,
  ): Promise<Result<Posted, Problem>> {
    const planned = await this.plan(spec, payer.key, known);
    if (!planned.ok) return planned;
    const createdAtMs = this.#deps.now();
    const { expiresAfterMs } = spec;
    const job: Job = {
      ...planned.value.job,
      id: makeJobId(randomBytes),
      permutationKey: randomBytes(32).toString('hex'),
      createdAtMs,
      ...(expiresAfterMs === undefined ? {} : { expiresAtMs: createdAtMs + expiresAfterMs }),
      state: {
        kind: 'running',
        ...(spec.open === true ? { heldUntilMs: createdAtMs + MAX_HELD_MS } : {}),
      },
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
    if (outcome.kind === 'too-many-held') return fail(TOO_MANY_HELD);
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

  /** Items for a job that is posted and held open. */
  add(job: Job, asked: AddItems, key: string | null, isPrepaid: boolean) {
    return addToJob(this.#deps, job, asked, key, isPrepaid);
  }

  /** Everything about the job that can be known before it is posted. */
  async plan(spec: JobSpec, author: KeyId, known?: KnownProgram): Promise<Result<Plan, Problem>> {
    const unchecked = checkProblem(spec);
    const problem = unchecked ?? (await needBlobs(this.#deps.blobs, spec));
    if (problem !== null) return fail(problem);
    const data = await this.#data(spec);
    if (!data.ok) return data;
    const { items, sample } = data.value;
    const found = known === undefined ? await this.#analysed(spec, data.value) : ok(known);
    if (!found.ok) return found;
    const { facts, acceptance } = found.value;
    const program = programAsked(spec.program, facts.batch?.itemsPerRun);
    const { outputs, flopsPerItem, refereeMsPerItem } = facts;
    const reserved = RESERVED_NAMES.find((name) => Object.hasOwn(outputs, name));
    if (reserved !== undefined) return fail(reservedOutput(reserved));
    const { ratePercent } = spec;
    const uncut = { spec, program, items, sample, facts };
    const { able, volunteers } = await this.#volunteersFor(
      { ...spec, program },
      author,
      acceptance,
      facts,
    );
    const choice = choosePolicy(spec.verification, {
      items,
      open: spec.open === true,
      ratePercent,
      flopsPerItem,
      refereeMsPerItem,
      volunteers,
      algebraicShare: algebraicShare({ program }, facts),
      honestMayDiffer: honestMayDiffer(program, acceptance, outputs),
      stages: program.kind === 'staged' ? program.stages.length : null,
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
      program,
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
    return ok({ job, offer, alternatives, able, volunteers, notes: checkingNotes(job) });
  }

  /** The referee runs the first item. */
  async #analysed(spec: JobSpec, data: JobData): Promise<Result<KnownProgram, Problem>> {
    const program = programAsked(spec.program);
    const found = await this.#program(program);
    if (!found.ok) return found;
    const { constants, constantBytes, sample } = data;
    const { model } = found.value;
    const acceptance = spec.acceptance ?? found.value.acceptance;
    const { nonFinite } = acceptance;
    const open = await this.#batchChoice(spec, acceptance, data.items);
    const question = open === null ? null : { program, sample, most: open.most };
    const known = question === null ? undefined : this.#batches.find(question);
    const asked = programAsked(spec.program, known?.itemsPerRun);
    const batch = known === undefined ? open : null;
    const given = { model, constants, constantBytes, sample, nonFinite, batch };
    const analysed = await analyseProgram(this.#deps, asked, given);
    if (!analysed.ok) return analysed;
    const chosen = known ?? analysed.value.batch;
    if (question !== null && chosen !== undefined) this.#batches.keep(question, chosen);
    const facts = chosen === undefined ? analysed.value : { ...analysed.value, batch: chosen };
    return ok({ facts, acceptance });
  }

  /** What the referee chooses from, where the author leaves open how many items a run takes. */
  async #batchChoice(
    spec: JobSpec,
    acceptance: Acceptance,
    items: number,
  ): Promise<BatchChoice | null> {
    const { stacked } = spec.inputs;
    const isOpen = spec.program.kind === 'onnx' && spec.program.itemsPerRun === undefined;
    const most = mostPerRun(items, spec.itemsPerShard);
    // Sizes round differently, which nobody may where results must be equal.
    if (!isOpen || acceptance.kind === 'exact') return null;
    if (stacked === undefined || most === 1) return null;
    return { most, other: await this.#deps.inputs.rows(stacked, [items - 1]) };
  }

  /** How many items a shard has, by which memory is judged, follows from the policy: the largest is assumed. */
  async #volunteersFor(
    {
      program,
      itemsPerShard = 1,
      ratePercent,
    }: Pick<JobSpec, 'itemsPerShard' | 'ratePercent'> & Pick<Job, 'program'>,
    author: KeyId,
    acceptance: Acceptance,
    facts: ProgramFacts,
  ) {
    const { engine, now } = this.#deps;
    const rate = ratePercent === undefined ? {} : { ratePercent };
    const work = { author, program, acceptance, facts, itemsPerShard, ...rate };
    const able = ableFor(work, engine.hosts, now());
    return { able, volunteers: await volunteersFor(work, able.hosts, engine) };
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
      case 'wgsl': {
        const module = await modelBytes(this.#deps.blobs, program.module, 'program.module');
        if (!module.ok) return module;
        const isExact = !Object.values(program.outputs).some(isFloat);
        return ok({ model: module.value, acceptance: isExact ? EXACT : WGSL_ACCEPTANCE });
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
