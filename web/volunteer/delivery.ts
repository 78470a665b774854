/**
 * What was computed, on its way to the coordinator: committed, then opened as the coordinator asks. Pure.
 *
 * Each state has one message, which may be sent again after a lost link: twice is harmless. A stage keeps what it
 * computed: it shows the rows it is asked for, and only the last one hands everything in.
 */
import { commitmentOf, openingsOf } from '../../shared/commitment.ts';
import { encodeFrame } from '../../shared/frame.ts';
import type { AssignMessage, CommitMessage, ReportMessage } from '../../shared/protocol/link.ts';
import { assert } from '../../shared/result.ts';
import { boundaryRoot, stageOpening, type BoundaryRows } from '../../shared/stage.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { Computed } from '../compute/api.ts';

/** What is committed to, for the key to sign. */
export type UnsignedCommit = Omit<CommitMessage, 'signature'>;

/** The outputs stand; they are sent when the coordinator has said what to open. */
export interface Committed {
  readonly kind: 'committed';
  readonly commit: CommitMessage;
  readonly computed: Computed;
  /** What a stage received; null where the assignment is none. */
  readonly inputs: BoundaryRows | null;
  readonly isLastStage: boolean;
}
export interface Reported {
  readonly kind: 'reported';
  readonly frame: Uint8Array;
}

/** `sign` gives the signature in hex, and may reject as a key does. */
export async function committed(
  { assignment, stage }: AssignMessage,
  stacked: NamedTensors,
  computed: Computed,
  sign: (commit: UnsignedCommit) => Promise<string>,
): Promise<Committed> {
  const { inputTree, tree } = computed;
  const commit = { type: 'commit' as const, assignment, root: commitmentOf(assignment, tree) };
  if (stage === undefined) {
    const signed = { ...commit, signature: await sign(commit) };
    return { kind: 'committed', commit: signed, computed, inputs: null, isLastStage: false };
  }
  assert(inputTree !== undefined, 'committed: a stage without the tree of its inputs');
  const boundary = { inputs: boundaryRoot(inputTree), outputs: boundaryRoot(tree) };
  return {
    kind: 'committed',
    commit: { ...commit, boundary, signature: await sign({ ...commit, boundary }) },
    computed,
    inputs: { tensors: stacked, tree: inputTree },
    isLastStage: stage.index === stage.of - 1,
  };
}

/** `rows` are those that a stage has to show. */
export function opened(
  { commit, computed, inputs, isLastStage }: Committed,
  challenge: string,
  rows: readonly number[],
): Reported {
  const { engine, computeMs, outputs, tree } = computed;
  const { assignment } = commit;
  const shown = inputs === null ? null : stageOpening(inputs, { tensors: outputs, tree }, rows);
  const openings = shown === null ? openingsOf(tree, challenge) : shown.paths;
  const message: ReportMessage = {
    type: 'report',
    assignment,
    challenge,
    openings,
    engine,
    computeMs,
  };
  const whole = shown === null || isLastStage ? outputs : {};
  return { kind: 'reported', frame: encodeFrame(message, { ...whole, ...shown?.tensors }) };
}
