/**
 * What goes wrong in the referee, as problems an author can act on.
 */
import type { OnnxError, OnnxModel } from '../../shared/onnx/graph.ts';
import { OutputShapeError } from '../../shared/program.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { BugError, fail, messageOf, type Result } from '../../shared/result.ts';

/** Thrown between runs when nobody waits for the answer any more; becomes a `cancelled` problem. */
export class Cancelled extends Error {
  override name = 'Cancelled';
}

/** onnxruntime guarantees nothing below this version of the default operator set. */
const OLDEST_OPSET = 7;

export function modelProblem(error: OnnxError): Problem {
  return {
    code: error.kind === 'model-too-large' ? 'model-too-large' : 'model-refused',
    detail: MODEL_DETAIL[error.kind],
    field: 'program.model',
    expected: error.expected,
    came: error.came,
    fix: error.fix,
  };
}

const MODEL_DETAIL = {
  'malformed-model': 'the model could not be read',
  'model-too-large': 'the model is too large',
  'external-data': 'the model keeps weights in another file',
} as const satisfies Record<OnnxError['kind'], string>;

/** onnxruntime refused the model or failed at it: its own reason goes to the author. Bugs are rethrown. */
export function refusedByOrt(thrown: unknown, model?: OnnxModel): Result<never, Problem> {
  if (thrown instanceof BugError || thrown instanceof Cancelled) throw thrown;
  if (thrown instanceof OutputShapeError) {
    return fail({
      code: 'model-refused',
      detail: 'the model gives outputs of another shape than for the sample item',
      field: 'program.model',
      came: thrown.message,
      fix: 'give it items for which the outputs have one fixed shape',
    });
  }
  const opset = model?.opsets.get('') ?? OLDEST_OPSET;
  return fail({
    code: 'model-refused',
    detail: 'onnxruntime does not run this model',
    field: 'program.model',
    expected: 'a model that onnxruntime-web 1.30 (WASM) runs',
    came: messageOf(thrown),
    fix:
      opset < OLDEST_OPSET
        ? `it uses opset ${opset}: convert it to opset 13 or newer (onnx.version_converter)`
        : undefined,
  });
}

/** A thrown value after which the WASM module cannot be trusted: anything that ORT did not report itself. */
export const leavesModuleBroken = (thrown: unknown): boolean =>
  (thrown instanceof Error && thrown.name === 'RuntimeError') ||
  /Aborted|abort\(/.test(messageOf(thrown));
