/**
 * What a call of a kernel means: how many items its arrays hold, which of them all items share, and what comes of it.
 * Pure: no GPU.
 */
import { describeSpec, elementCount, sameDims, type TensorSpec } from '../../shared/tensor.ts';
import { kernelId, type KernelManifest } from '../manifest.ts';

/** Kernels take indices as u32. */
const MAX_ITEM_INDEX = 2 ** 32 - 1;

/** Arrays or parameters that a kernel does not take. The message says what it takes, and what came. */
export class KernelCallError extends Error {
  override name = 'KernelCallError';
}

/** Dtype and whole shape of an array. */
export interface ArraySpec {
  readonly dtype: TensorSpec['dtype'];
  readonly shape: readonly number[];
}

export interface KernelCall {
  /** Parsed. */
  readonly params: unknown;
  readonly items: readonly number[];
  /** Inputs that all items share. */
  readonly constants: ReadonlySet<string>;
  readonly outputs: Readonly<Record<string, ArraySpec>>;
}

/**
 * An input is one item's in the manifest's shape, for all items, or has further axes before it: those, equal for all such
 * inputs, are the items. `items`: indices, for kernels without inputs; else 0, 1, 2 ...
 */
export function resolveCall(
  manifest: KernelManifest,
  rawParams: unknown,
  inputs: Readonly<Record<string, ArraySpec>>,
  items?: readonly number[],
): KernelCall {
  const id = kernelId(manifest);
  const parsed = manifest.params.safeParse(rawParams);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const where = path.length === 0 ? '' : ` ${path.map(String).join('.')}:`;
    throw new KernelCallError(`${id}:${where} ${message}, came ${JSON.stringify(rawParams)}`);
  }
  const params = parsed.data;
  const specs = manifest.inputs(params);
  for (const name of Object.keys(inputs)) {
    if (Object.hasOwn(specs, name)) continue;
    const known = Object.keys(specs).join(', ') || 'none';
    throw new KernelCallError(`${id}: expected the inputs ${known}, came "${name}"`);
  }
  const constants = new Set<string>();
  let axes: readonly number[] | undefined;
  for (const [name, spec] of Object.entries(specs)) {
    const leading = leadingAxes(id, name, spec, inputs[name]);
    if (leading.length === 0) {
      constants.add(name);
      continue;
    }
    axes ??= leading;
    if (!sameDims(axes, leading)) {
      throw new KernelCallError(
        `${id}: expected [${axes.join(',')}] items of "${name}" as of the other inputs, came [${leading.join(',')}]`,
      );
    }
  }
  axes ??= items === undefined ? [] : [items.length];
  const count = elementCount(axes);
  if (items !== undefined && items.length !== count) {
    throw new KernelCallError(`${id}: expected ${count} item indices, came ${items.length}`);
  }
  const wrong = items?.find(
    (index) => !Number.isInteger(index) || index < 0 || index > MAX_ITEM_INDEX,
  );
  if (wrong !== undefined) {
    throw new KernelCallError(
      `${id}: expected indices of items from 0 to ${MAX_ITEM_INDEX}, came ${wrong}`,
    );
  }
  if (count === 0) throw new KernelCallError(`${id}: expected at least one item, came none`);
  const batch = axes;
  return {
    params,
    items: items ?? Array.from({ length: count }, (_, i) => i),
    constants,
    outputs: Object.fromEntries(
      Object.entries(manifest.outputs(params)).map(([name, { dtype, dims }]) => [
        name,
        { dtype, shape: [...batch, ...dims] },
      ]),
    ),
  };
}

function leadingAxes(
  id: string,
  name: string,
  spec: TensorSpec,
  came: ArraySpec | undefined,
): readonly number[] {
  const expected = `"${name}" as ${describeSpec(spec)}, with or without axes of items before these`;
  if (came === undefined) throw new KernelCallError(`${id}: expected ${expected}, came nothing`);
  const at = came.shape.length - spec.dims.length;
  if (came.dtype !== spec.dtype || at < 0 || !sameDims(came.shape.slice(at), spec.dims)) {
    const text = describeSpec({ dtype: came.dtype, dims: came.shape });
    throw new KernelCallError(`${id}: expected ${expected}, came ${text}`);
  }
  return came.shape.slice(0, at);
}
