/**
 * ONNX Runtime as an engine, with whichever build and execution providers the caller has.
 *
 * Loads no build itself. Invariant: the build is loaded only when a session is opened, so a host that runs
 * kernels alone never downloads it.
 */
import type { InferenceSession } from 'onnxruntime-common';
import { modelSession, type OrtModule } from '../../shared/onnx/ortSession.ts';
import { onnxRunner } from '../../shared/program.ts';
import type { Engine } from '../../shared/protocol/program.ts';
import { assert } from '../../shared/result.ts';
import type { Candidate } from './candidate.ts';

export interface OrtBuild {
  readonly ort: OrtModule;
  readonly providers: readonly InferenceSession.ExecutionProviderConfig[];
}

/** `load` may be called for every session and should remember the module itself. */
export function onnxCandidate(
  engine: Engine,
  label: string,
  load: () => Promise<OrtBuild>,
): Candidate {
  return {
    engine,
    label,
    async open({ program, model, feeds, outputs }) {
      assert(program.kind === 'onnx' && model !== null, 'onnxCandidate: not an ONNX program');
      const { ort, providers } = await load();
      const session = await ort.InferenceSession.create(model, {
        executionProviders: providers,
        graphOptimizationLevel: 'all',
        // Errors only: a model's opset warnings are nobody's business here.
        logSeverityLevel: 3,
      });
      const running = modelSession(ort, session, Object.keys(outputs));
      return {
        runner: onnxRunner(running, program.itemsPerRun, feeds, outputs),
        close: () => session.release(),
      };
    },
  };
}
