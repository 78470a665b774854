/** For engines that are given no staged job: whoever asks for a route has found a bug. */
import { unreachable } from '../../../shared/result.ts';
import type { StagePorts } from '../routes/stagedWork.ts';

const never = (): never => unreachable('no job here has stages');

export const NO_STAGES: StagePorts = {
  directory: { admit: never, introduce: never, part: never, revoke: never, iceServersFor: never },
  computeStage: never,
  inputRows: never,
};
