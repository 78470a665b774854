/**
 * Whether a job's program has the check that its author asks for.
 */
import type { JobSpec } from '../../shared/protocol/job.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { CATALOGUE, findKernel } from '../../kernels/catalog.ts';
import { kernelId, type CatalogueEntry } from '../../kernels/manifest.ts';

/** The kernel exists, where the program is one. */
export function checkProblem({ verification, program, acceptance }: JobSpec): Problem | null {
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
      fix: 'leave verification out: two volunteers then compute every item, and must agree',
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

const hasCheck = ({ manifest }: CatalogueEntry): boolean => manifest.products !== undefined;
const idOf = ({ manifest }: CatalogueEntry): string => kernelId(manifest);
