/**
 * How a batch of a kernel becomes dispatches: data that `runtime/` executes and a test can read without
 * a GPU. Not a scheduler: the runtime may cut a pass into pieces, because a pass is a box of workgroups
 * that neither wait for one another nor write what another one reads.
 *
 * Invariant: binding 0 is the runtime's (the base of the piece, a `vec4u` uniform); `bindings[i]` is
 * binding `i + 1` where it does not say its own. Passes run in order, and each sees all writes of those before it.
 */
import type { NamedTensors } from '../shared/tensor.ts';

/** Number of workgroups along x, y and z; z is the row of the batch in the kernels here. */
export type Workgroups = readonly [x: number, y: number, z: number];

export interface KernelBinding {
  /** An input, an output, a scratch buffer, or `items`: the u32 item index of every row. */
  readonly name: string;
  readonly access: 'read' | 'read-write';
  /** Its number, where that is not its place in the plan and one more. */
  readonly binding?: number;
}

export interface KernelPass {
  readonly entryPoint: string;
  readonly workgroups: Workgroups;
  /** Values of the module's `override` constants. */
  readonly constants: Readonly<Record<string, number>>;
  /** Arithmetic of one workgroup, for the first guess of its time. */
  readonly flopsPerWorkgroup: number;
  /** The module knows nothing of the base of a piece: the pass is one dispatch, and runs have as few rows as a slice. */
  readonly isWhole?: boolean;
}

export interface DispatchPlan {
  readonly bindings: readonly KernelBinding[];
  /** Bytes of each scratch buffer; its content is undefined before the first pass. */
  readonly scratchBytes: Readonly<Record<string, number>>;
  readonly passes: readonly KernelPass[];
  /** Outputs begin as zeros: the module may leave some of them as they are, and what was there is nobody's business. */
  readonly clearsOutputs?: boolean;
}

/** What a plan depends on besides the parameters. */
export interface BatchShape {
  /** Rows of the run, at least 1. */
  readonly rows: number;
  /** Elements from one row of an input to the next: its item's size, or 0 where it is constant. */
  readonly strides: Readonly<Record<string, number>>;
}

/** The name under which a plan binds the item indices. */
export const ITEMS_BINDING = 'items';

/** Strides of a batch, from the inputs' item sizes and which of them are constant. */
export function stridesOf(
  itemElements: Readonly<Record<string, number>>,
  constants: NamedTensors,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(itemElements).map(([name, elements]) => [
      name,
      Object.hasOwn(constants, name) ? 0 : elements,
    ]),
  );
}
