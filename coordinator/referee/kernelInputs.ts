/**
 * A job's kernel and inputs against the kernel's manifest.
 */
import type { CatalogueEntry } from '../../kernels/manifest.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import type { KernelProgram } from '../../shared/protocol/program.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { describeSpec, sameDims, type NamedTensors, type TensorSpec } from '../../shared/tensor.ts';

export interface ParsedKernel {
  readonly entry: CatalogueEntry;
  /** Parsed by the manifest's schema. */
  readonly params: unknown;
}

export function kernelOf(
  program: KernelProgram,
  find: (id: string) => CatalogueEntry | undefined,
): Result<ParsedKernel, Problem> {
  const entry = find(program.kernel);
  if (entry === undefined) {
    return fail({
      code: 'kernel-unknown',
      detail: 'the catalogue has no such kernel',
      field: 'program.kernel',
      expected: 'a kernel as name@version',
      came: program.kernel,
    });
  }
  const params = entry.manifest.params.safeParse(program.params);
  if (params.success) return ok({ entry, params: params.data });
  const issue = params.error.issues[0]!;
  return fail({
    code: 'kernel-params',
    detail: issue.message,
    field: ['program.params', ...issue.path.map(String)].join('.'),
    came: JSON.stringify(program.params).slice(0, 200),
  });
}

/** Each input once, stacked `[1, ...item]` or constant, in the manifest's dtype and shape. */
export function checkKernelInputs(
  specs: Readonly<Record<string, TensorSpec>>,
  sample: NamedTensors,
  constants: NamedTensors,
): Problem | null {
  for (const [name, tensor] of [...Object.entries(sample), ...Object.entries(constants)]) {
    if (Object.hasOwn(specs, name)) continue;
    return {
      code: 'input-unknown',
      detail: `the kernel has no input "${name}"`,
      field: 'inputs',
      expected: Object.keys(specs).join(', ') || 'no inputs',
      came: `"${name}" ${describeSpec(tensor)}`,
    };
  }
  for (const [name, spec] of Object.entries(specs)) {
    const problem = checkInput(name, spec, sample, constants);
    if (problem !== null) return problem;
  }
  return null;
}

function checkInput(
  name: string,
  spec: TensorSpec,
  sample: NamedTensors,
  constants: NamedTensors,
): Problem | null {
  const expected = describeSpec(spec);
  const stacked = Object.hasOwn(sample, name);
  const tensor = stacked ? sample[name] : Object.hasOwn(constants, name) && constants[name];
  if (!tensor) {
    const detail = `the kernel's input "${name}" is not given`;
    return { code: 'input-missing', detail, field: 'inputs', expected, came: 'nothing' };
  }
  if (stacked && Object.hasOwn(constants, name)) {
    const detail = `input "${name}" is given twice`;
    return { code: 'input-unknown', detail, field: 'inputs', expected: 'once', came: 'twice' };
  }
  const field = stacked ? 'inputs.stacked' : 'inputs.constant';
  const dims = stacked ? tensor.dims.slice(1) : tensor.dims;
  const came = describeSpec({ dtype: tensor.dtype, dims });
  if (tensor.dtype !== spec.dtype) {
    const detail = `input "${name}" has another dtype than the kernel takes`;
    return { code: 'input-dtype', detail, field, expected, came };
  }
  if (!sameDims(dims, spec.dims)) {
    const detail = `input "${name}" has another shape than the kernel takes`;
    return { code: 'input-shape', detail, field, expected: `${expected} per item`, came };
  }
  return null;
}
