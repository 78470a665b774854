/**
 * Answers requests to published models: each is a small job of whoever asks, checked and paid as any other, and waited
 * for. Whoever goes away, or has waited long enough, pays for nothing that was not done.
 */
import { MAX_INFERENCES, MAX_INFERENCE_BYTES } from '../../shared/limits.ts';
import type { JobSpec, Waiting } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import { encodeTensors } from '../../shared/safetensors.ts';
import { byteLengthOf, type NamedTensors } from '../../shared/tensor.ts';
import type { Job } from '../core/state.ts';
import { digestOf } from '../digest.ts';
import type { Engine } from '../engine/engine.ts';
import type { JobDesk, Payer } from '../jobs/jobDesk.ts';
import { ableFor, volunteersFor } from '../jobs/volunteers.ts';
import type { BlobStore } from '../store/blobs.ts';
import type { Store } from '../store/store.ts';
import type { InferenceCall } from './inferenceRequest.ts';
import { endOf, resultsOf } from './jobOutcome.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { ModelVersion, NamedModel } from './models.ts';

export interface ModelServerDeps {
  readonly engine: Pick<
    Engine,
    'runningJob' | 'watchers' | 'durable' | 'jobs' | 'waitingOf' | 'hosts' | 'contributor'
  >;
  readonly store: Pick<Store, 'job' | 'endedShards' | 'output'>;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly desk: Pick<JobDesk, 'post'>;
  readonly webhooks: Pick<Webhooks, 'leaveOut' | 'takeIn'>;
  readonly now: () => number;
}

export interface Inferred {
  readonly job: Job;
  /** Every output of the model, `[items, ...itemShape]`. */
  readonly outputs: NamedTensors;
}

/** A job of a model's, of these items. */
export const specOf = (
  { template }: ModelVersion,
  name: string,
  stacked: JobSpec['inputs']['stacked'],
): JobSpec => ({ ...template, name, inputs: { ...template.inputs, stacked } });

export class ModelServer {
  readonly #deps: ModelServerDeps;
  #waiting = 0;

  constructor(deps: ModelServerDeps) {
    this.#deps = deps;
  }

  /** Whether a volunteer is connected that could be given the model's work now. */
  async isReady({ version, author }: NamedModel): Promise<boolean> {
    const { engine, now } = this.#deps;
    const { template, known } = version;
    const { program, itemsPerShard = 1, ratePercent } = template;
    const rate = ratePercent === undefined ? {} : { ratePercent };
    const work = { author, program, itemsPerShard, ...known, ...rate };
    const able = ableFor(work, engine.hosts, now());
    const { known: checked, newcomers } = await volunteersFor(work, able.hosts, engine);
    return checked + newcomers > 0;
  }

  /** `gone` aborts when nobody waits for the answer any more. */
  async infer(
    payer: Payer,
    model: NamedModel,
    call: Pick<InferenceCall, 'items' | 'stacked' | 'timeoutMs'>,
    gone: AbortSignal,
  ): Promise<Result<Inferred, Problem>> {
    const bytes = answerBytes(model.version, call.items);
    if (bytes > MAX_INFERENCE_BYTES) return fail(answerTooLarge(bytes));
    if (this.#waiting >= MAX_INFERENCES) return fail(TOO_MANY);
    this.#waiting += 1;
    try {
      return await this.#infer(payer, model, call, gone);
    } finally {
      this.#waiting -= 1;
    }
  }

  async #infer(
    payer: Payer,
    { name, version }: NamedModel,
    { stacked, timeoutMs }: Pick<InferenceCall, 'stacked' | 'timeoutMs'>,
    gone: AbortSignal,
  ): Promise<Result<Inferred, Problem>> {
    const { blobs, desk, engine, webhooks } = this.#deps;
    const file = encodeTensors(stacked);
    const digest = digestOf(file);
    const put = await blobs.put(file, digest, file.byteLength);
    assert(put.ok, 'infer: bytes that are here can be stored');
    const spec = specOf(version, name, digest);
    const posted = await desk.post(payer, spec, null, version.known);
    if (!posted.ok) return posted;
    const { id } = posted.value.job;
    // Who waits for the answer needs no event of it.
    webhooks.leaveOut(id);
    const signal = AbortSignal.any([gone, AbortSignal.timeout(Math.ceil(timeoutMs))]);
    let job: Job;
    try {
      job = await endOf(this.#deps, id, signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      const running = engine.runningJob(id);
      const reasons = running === null ? [] : engine.waitingOf(running).map(withoutStop);
      await engine.jobs.cancel(id);
      return fail(timedOut(timeoutMs, reasons));
    } finally {
      webhooks.takeIn(id);
    }
    if (job.state.kind === 'failed') return fail(itemFailed(job.state.reason));
    const results = await resultsOf(this.#deps, job);
    if (!results.ok) return results;
    const { outputs, failed } = results.value;
    const [first] = failed;
    if (first === undefined) return ok({ job, outputs });
    return fail(itemFailed(`${failed.size} of ${job.items} items, the first is ${first}`));
  }
}

const answerBytes = ({ known }: ModelVersion, items: number): number =>
  items * Object.values(known.facts.outputs).reduce((sum, spec) => sum + byteLengthOf(spec), 0);

const TOO_MANY: Problem = {
  code: 'too-many-inferences',
  detail: 'too many requests to models are waited for',
  expected: `at most ${MAX_INFERENCES}`,
  fix: 'try again later, or post a batch: POST /v1/batches',
};

const answerTooLarge = (bytes: number): Problem => ({
  code: 'body-too-large',
  detail: 'the answer would be too large',
  expected: `outputs of at most ${MAX_INFERENCE_BYTES} bytes`,
  came: `${bytes}`,
  fix: 'ask for fewer items at once, or post a job',
});

const timedOut = (timeoutMs: number, reasons: readonly string[]): Problem => ({
  code: 'inference-timeout',
  detail: 'the volunteers have not answered in time; the job was cancelled',
  expected: `an answer within ${timeoutMs / 1_000} s`,
  came: reasons.join('; ') || undefined,
  fix: 'try again when more of them are connected, or post a job, which waits',
});

const itemFailed = (came: string): Problem => ({
  code: 'item-failed',
  detail: 'items could not be computed by any volunteer',
  came,
  fix: 'look at the inputs; the job’s explanation says what the volunteers reported',
});

const withoutStop = ({ text }: Waiting): string => text.replace(/\.$/, '');
