/**
 * A kernel's CPU reference as an engine: what runs where there is no GPU, and where a small kernel is faster
 * without one.
 */
import type { CatalogueEntry } from '../../kernels/manifest.ts';
import { referenceRunner } from '../../kernels/referenceRunner.ts';
import { assert } from '../../shared/result.ts';
import type { Candidate } from './candidate.ts';

/** Opening throws where the program's parameters are not the kernel's. */
export function cpuKernelCandidate(entry: CatalogueEntry): Candidate {
  return {
    engine: 'cpu',
    label: 'Plain JavaScript',
    open({ program }) {
      assert(program.kind === 'kernel', 'cpuKernelCandidate: not a kernel');
      const params = entry.manifest.params.parse(program.params);
      return Promise.resolve({
        runner: referenceRunner(entry, params),
        close: () => Promise.resolve(),
      });
    },
  };
}
