/** One assignment that a host holds. Types, and what can be said of one. */
import type { AssignMessage } from '../../shared/protocol/link.ts';
import type { NamedTensors } from '../../shared/tensor.ts';
import type { Committed, Reported } from './delivery.ts';

export type Phase =
  /** A stage whose inputs come from the stage before. */
  | { readonly kind: 'awaiting' }
  | { readonly kind: 'queued' }
  | { readonly kind: 'computing' }
  | Committed
  | Reported;

export interface Held {
  readonly assign: AssignMessage;
  stacked: NamedTensors;
  phase: Phase;
  itemsDone: number;
  /** A person has been told that it runs. */
  announced: boolean;
  /** Runs that ended with a lost device or worker. */
  losses: number;
  /** When the coordinator last heard of it. */
  toldAtMs: number;
}

/** It is still to be computed: leases of such must be renewed. */
export const isToCompute = ({ phase }: Held): boolean =>
  phase.kind === 'awaiting' || phase.kind === 'queued' || phase.kind === 'computing';

/** Beyond the first stage, inputs come from the stage before. */
export const isFed = ({ stage }: AssignMessage): boolean => stage !== undefined && stage.index > 0;
