/** What a workbench asks of the host's routes. Types only. */
import type { AssignMessage } from '../../shared/protocol/link.ts';
import type { NamedTensors } from '../../shared/tensor.ts';

/** Where a stage's inputs come from, and where its outputs go: the host's neighbours on a route. */
export interface StageFlow {
  /** `supply` or `fail` follows, perhaps at once. */
  await(assign: AssignMessage): void;
  /** Goes to the next stage, and is kept until nobody can need it again. */
  computed(assign: AssignMessage, outputs: NamedTensors): void;
  /** The report is safe with the coordinator. */
  received(assign: AssignMessage): void;
  /** Nothing of it is wanted any more. */
  forget(assign: AssignMessage): void;
}
