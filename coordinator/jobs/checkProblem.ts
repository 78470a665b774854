/**
 * What a job's program means for its checking: whether it has the check that its author asks for, what that check
 * costs, and what an author should know besides.
 */
import { isFloat, type Acceptance } from '../../shared/acceptance.ts';
import type { JobSpec } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { JobProgram } from '../../shared/protocol/program.ts';
import type { TensorSpec } from '../../shared/tensor.ts';
import { formatCount, formatShare } from '../../shared/units.ts';
import { CATALOGUE, findKernel } from '../../kernels/catalog.ts';
import { kernelId, type CatalogueEntry } from '../../kernels/manifest.ts';
import { algebraicShareOf } from '../core/odds.ts';
import type { Job, ProgramFacts } from '../core/state.ts';
import { bytesOf } from './cut.ts';

/**
 * Work for each byte of output below which a GPU of 1 TFLOP/s waits for a line of 20 Mbit/s, and for a check
 * that reads every byte (reference: section 1.6). No price changes with it: the author is told.
 */
const LEAST_FLOPS_PER_OUTPUT_BYTE = 4e5;

/** The program has what is asked for; the kernel exists, where it is one. */
export function checkProblem({
  verification,
  program,
  acceptance,
  open,
}: Pick<JobSpec, 'verification' | 'program' | 'acceptance' | 'open'>): Problem | null {
  if (open === true && program.kind === 'staged') {
    return {
      code: 'invalid-field',
      detail:
        'a model in stages keeps its hosts to itself until the job ends, and cannot be held open',
      field: 'open',
      expected: 'a program that each volunteer runs whole',
      fix: 'leave it out, and post further items as jobs of their own',
    };
  }
  if (verification.kind !== 'algebraic') return null;
  const entry = program.kind === 'kernel' ? findKernel(program.kernel) : undefined;
  if (entry === undefined || !hasCheck(entry)) {
    return {
      code: 'no-algebraic-check',
      detail:
        'the outputs of this program are no matrix products that could be checked by themselves',
      field: 'verification',
      expected: `one of the kernels ${CATALOGUE.filter(hasCheck).map(idOf).join(', ')}`,
      came: program.kind === 'kernel' ? program.kernel : 'an ONNX model',
      fix: 'leave verification out: the coordinator then chooses a way that this program has',
    };
  }
  if (acceptance?.nonFinite !== 'data') return null;
  return {
    code: 'no-algebraic-check',
    detail: 'NaN and infinities pass no algebraic check',
    field: 'acceptance.nonFinite',
    expected: 'refuse',
    came: 'data',
    fix: 'leave acceptance.nonFinite out, or leave verification out',
  };
}

/** Arithmetic of the algebraic check beside what it checks; null where the job cannot have it. */
export function algebraicShare(
  { program, acceptance }: Pick<JobSpec, 'program' | 'acceptance'>,
  { flopsPerItem }: Pick<ProgramFacts, 'flopsPerItem'>,
): number | null {
  if (checkProblem({ program, acceptance, verification: { kind: 'algebraic' } }) !== null)
    return null;
  if (program.kind !== 'kernel') return null;
  const { manifest } = findKernel(program.kernel)!;
  const products = manifest.products!(manifest.params.parse(program.params));
  return algebraicShareOf(
    products.map(({ left, right, output }) => ({
      m: output.rows.length,
      k: left.columns.length,
      n: right.columns.length,
    })),
    flopsPerItem,
  );
}

/** Outputs of honest devices may differ in their last bits, and the acceptance wants them equal. */
export const honestMayDiffer = (
  program: JobProgram,
  acceptance: Acceptance,
  outputs: Readonly<Record<string, TensorSpec>>,
): boolean =>
  acceptance.kind === 'exact' &&
  (program.kind !== 'kernel' || findKernel(program.kernel)?.manifest.verification !== 'exact') &&
  Object.values(outputs).some(isFloat);

type Checked = Pick<Job, 'program' | 'acceptance' | 'facts' | 'items' | 'verification'>;

/** What an author should know of the checking besides its cost and its odds. */
export function checkingNotes(job: Checked): string[] {
  const notes: string[] = [];
  const { program, acceptance, facts, items, verification } = job;
  if (honestMayDiffer(program, acceptance, facts.outputs)) {
    notes.push(
      'You ask for equal bytes, and the outputs are floats: honest devices may differ in the last bits. Such ' +
        'items go to the referee, and whoever differs from it earns nothing. Without `exact` they agree ' +
        'within what rounding explains.',
    );
  }
  if (verification.kind === 'algebraic') {
    const share = algebraicShare({ program }, facts) ?? 0;
    const seconds = (items * facts.refereeMsPerItem * share) / 1000;
    const perByte = facts.flopsPerItem / Math.max(1, bytesOf(facts.outputs));
    const checkText =
      `The check is ${formatShare(share)} of the arithmetic: about ${formatCount(Math.ceil(seconds))} s of one of the ` +
      'coordinator’s cores in all.';
    notes.push(
      perByte >= LEAST_FLOPS_PER_OUTPUT_BYTE
        ? checkText
        : `${checkText} Each byte of output carries ${formatCount(perByte)} FLOP: below ` +
            `${formatCount(LEAST_FLOPS_PER_OUTPUT_BYTE)} a fast GPU (1 TFLOP/s) spends more time on sending results ` +
            '(at 20 Mbit/s) than on computing them, and the price counts the computing alone.',
    );
  }
  return notes;
}

const hasCheck = ({ manifest }: CatalogueEntry): boolean => manifest.products !== undefined;
const idOf = ({ manifest }: CatalogueEntry): string => kernelId(manifest);
