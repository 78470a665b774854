/**
 * What was computed, on its way to the coordinator: committed, then opened as the coordinator asks. Pure.
 *
 * Each state has one message, which may be sent again after a lost link: twice is harmless.
 */
import { commitmentOf, openingsOf } from '../../shared/commitment.ts';
import { encodeFrame } from '../../shared/frame.ts';
import type { AssignmentId } from '../../shared/ids.ts';
import type { HostMessage, ReportMessage } from '../../shared/protocol/link.ts';
import type { Computed } from '../compute/api.ts';

/** The outputs stand; they are sent when the coordinator has said what to open. */
export interface Committed {
  readonly kind: 'committed';
  readonly commit: Extract<HostMessage, { type: 'commit' }>;
  readonly computed: Computed;
}
export interface Reported {
  readonly kind: 'reported';
  readonly frame: Uint8Array;
}

export function committed(assignment: AssignmentId, computed: Computed): Committed {
  const root = commitmentOf(assignment, computed.tree);
  return { kind: 'committed', commit: { type: 'commit', assignment, root }, computed };
}

export function opened({ commit, computed }: Committed, challenge: string): Reported {
  const { engine, computeMs, outputs, tree } = computed;
  const message: ReportMessage = {
    type: 'report',
    assignment: commit.assignment,
    challenge,
    openings: openingsOf(tree, challenge),
    engine,
    computeMs,
  };
  return { kind: 'reported', frame: encodeFrame(message, outputs) };
}
