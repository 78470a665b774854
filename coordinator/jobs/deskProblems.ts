/** Why a job is refused that could be computed: what it costs, and names that it may not use. */
import type { KeyId } from '../../shared/ids.ts';
import { FAILED_TENSOR, ITEM_TENSOR, type JobSpec } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { METADATA_KEY } from '../../shared/safetensors.ts';
import type { Job } from '../core/state.ts';

/** Tensors of a page of results, and safetensors' own word: an output called so could not be handed out. */
export const RESERVED_NAMES = [ITEM_TENSOR, FAILED_TENSOR, METADATA_KEY];

export const reservedOutput = (name: string): Problem => ({
  code: 'model-refused',
  detail: `an output is called "${name}", which is reserved`,
  field: 'program.model',
  expected: `outputs with names other than ${RESERVED_NAMES.join(', ')}`,
  came: name,
  fix: 'rename the output, or leave it out of program.outputs',
});

export const overBudget = (spec: JobSpec, price: bigint): Problem => ({
  code: 'budget-too-small',
  detail: 'the job costs more than its budget',
  field: 'budget',
  expected: `at least ${price} micro-credits`,
  came: spec.budget,
  fix: 'raise the budget, post fewer items, or ask for a smaller quorum',
});

export const unaffordable = (key: KeyId, job: Job, balance: bigint): Problem => ({
  code: 'balance-too-small',
  detail: 'the job costs more than this key has',
  expected: `a balance of at least ${job.priceMicroCredits} micro-credits`,
  came: `${balance}`,
  fix: `ask the operator for credit (idlewave keys grant ${key} CREDITS), or post fewer items`,
});
