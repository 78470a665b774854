/**
 * What a host tells whoever shows it: every event is a fact that already happened. Types only.
 */
import type { AssignmentId, ContributorId } from '../../shared/ids.ts';
import type { Verdict } from '../../shared/protocol/link.ts';
import type { Engine } from '../../shared/protocol/program.ts';
import type { LifecycleState } from './lifecycle.ts';
import type { RouteView } from './routeStages.ts';

export type HostEvent =
  | { readonly type: 'state'; readonly state: LifecycleState }
  | {
      readonly type: 'welcomed';
      readonly contributor: ContributorId;
      /** Credit of all earlier work. */
      readonly microCredits: bigint;
      /** Address of POST /v1/links/{token}/bye for this link. */
      readonly byeUrl: string;
    }
  | { readonly type: 'fetching'; readonly jobName: string }
  | {
      readonly type: 'computing';
      readonly assignment: AssignmentId;
      readonly job: string;
      readonly jobName: string;
      /** The id of the key that posted it. */
      readonly author: string;
      /** What the author offers, in percent of the list price. */
      readonly ratePercent: number;
      /** `mnist-12.onnx` has no place in an assignment: the digest's start, or the kernel's id. */
      readonly program: string;
      readonly items: number;
    }
  /** `newItems` since the last of this assignment. The next one may have begun to compute already. */
  | {
      readonly type: 'progress';
      readonly assignment: AssignmentId;
      readonly itemsDone: number;
      readonly newItems: number;
    }
  | {
      readonly type: 'computed';
      readonly assignment: AssignmentId;
      readonly job: string;
      readonly jobName: string;
      readonly author: string;
      /** About what it will be credited if it is found right: items that check others are paid at the list price. */
      readonly worthMicroCredits: bigint;
      readonly items: number;
      readonly engine: Engine;
      readonly reason: string;
      readonly computeMs: number;
    }
  | {
      readonly type: 'settled';
      readonly assignment: AssignmentId;
      readonly items: number;
      readonly verdict: Verdict;
      readonly microCredits: bigint;
      readonly reason: string;
    }
  /** These are no longer wanted: nothing comes of them. */
  | { readonly type: 'revoked'; readonly assignments: readonly AssignmentId[] }
  /** Its places on routes, or how their neighbours are reached, have changed. */
  | { readonly type: 'routes'; readonly routes: readonly RouteView[] }
  /** Bytes of models that came from other tabs and went to them, since the page began. */
  | { readonly type: 'chunks'; readonly fromPeers: number; readonly toPeers: number }
  /** Something a person should see; computing goes on. */
  | { readonly type: 'problem'; readonly text: string };

export type EmitHostEvent = (event: HostEvent) => void;
