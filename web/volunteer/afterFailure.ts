/** What a failure to compute means for the assignment it came to. Pure. */
import type { ComputeFailure } from '../compute/api.ts';
import type { LoadFailure } from './programLoader.ts';

export type AfterFailure =
  /** The device or its worker went away: worth another run here. */
  | 'run-again'
  /** Nothing can be computed here any more. */
  | 'stop'
  /** Another host may have it; nobody failed. */
  | 'give-back'
  | 'forget'
  /** The program failed: the coordinator has to know. */
  | 'report';

export function afterFailure({ kind }: ComputeFailure | LoadFailure): AfterFailure {
  switch (kind) {
    case 'device-lost':
    case 'worker-died':
      return 'run-again';
    case 'unavailable':
      return 'stop';
    case 'not-capable':
    case 'blob-unreachable':
      return 'give-back';
    case 'cancelled':
      return 'forget';
    case 'not-loaded':
    case 'run-failed':
    case 'program-refused':
    case 'output-shape':
    case 'out-of-memory':
    case 'blob-absent':
    case 'blob-wrong':
    case 'blob-too-large':
      return 'report';
    default:
      return kind satisfies never;
  }
}
