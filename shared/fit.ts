/**
 * Whether a device and its volunteer's wishes fit a job: rules that the coordinator hands out work by, and that a page
 * explains it with, in the same order. What a host knows of itself only; trust and who checks whom are elsewhere. Pure.
 */
import type { Capabilities } from './protocol/link.ts';
import type { Engine, JobProgram } from './protocol/program.ts';
import type { Selection, Wishes, WorkKind } from './protocol/wishes.ts';
import { LIST_PRICE } from './units.ts';

type ProgramKind = JobProgram['kind'];

export const ENGINES_OF: Readonly<Record<ProgramKind, readonly Engine[]>> = {
  onnx: ['webgpu', 'wasm'],
  kernel: ['webgpu', 'cpu'],
  wgsl: ['webgpu'],
  staged: ['webgpu', 'wasm'],
};

/** As a volunteer tells kinds of work apart. */
export const WORK_KIND_OF: Readonly<Record<ProgramKind, WorkKind>> = {
  onnx: 'model',
  staged: 'model',
  kernel: 'kernel',
  wgsl: 'kernel',
};

/** A job, or a stage of one, as far as it fits. A job that is not posted yet has no id. */
export interface Work {
  readonly id: string | null;
  readonly author: string;
  readonly kind: ProgramKind;
  /** In percent of the list price; that price where absent. */
  readonly ratePercent?: number | undefined;
  readonly memoryBytes: number;
}

export interface Device {
  readonly capabilities: Pick<Capabilities, 'engines' | 'memoryBytes'>;
  readonly wishes: Wishes;
}

export type Misfit = 'no-engine' | 'not-enough-memory' | 'not-wished';

export interface FitRule {
  readonly refusal: Misfit;
  /** In plain words, for authors and volunteers. */
  readonly text: string;
  refuses(work: Work, device: Device): boolean;
}

/** Wishes come last: who cannot run something does not exclude it. */
export const FIT_RULES: readonly FitRule[] = [
  {
    refusal: 'no-engine',
    text: 'the device has no engine that runs this kind of program',
    refuses: ({ kind }, { capabilities }) =>
      !ENGINES_OF[kind].some((engine) => capabilities.engines.includes(engine)),
  },
  {
    refusal: 'not-enough-memory',
    text: 'the program needs more memory than the device offers',
    refuses: ({ memoryBytes }, { capabilities }) => memoryBytes > capabilities.memoryBytes,
  },
  {
    refusal: 'not-wished',
    text: 'the volunteer has chosen other work',
    refuses: (work, { wishes }) => wishAgainst(wishes, work) !== null,
  },
];

export const misfitOf = (work: Work, device: Device): Misfit | null =>
  FIT_RULES.find((rule) => rule.refuses(work, device))?.refusal ?? null;

/** Which of a volunteer's wishes speaks against a job. */
export type Wish = 'kind' | 'job' | 'author' | 'rate';

export function wishAgainst(
  { kind, jobs, authors, leastRatePercent }: Wishes,
  work: Pick<Work, 'id' | 'author' | 'kind' | 'ratePercent'>,
): Wish | null {
  if (kind !== 'any' && WORK_KIND_OF[work.kind] !== kind) return 'kind';
  // Of a job that is not posted nobody can have said that it is not wished.
  if (work.id !== null && !isSelected(jobs, work.id)) return 'job';
  if (!isSelected(authors, work.author)) return 'author';
  return (work.ratePercent ?? LIST_PRICE) < leastRatePercent ? 'rate' : null;
}

export const isSelected = ({ not, only }: Selection, id: string): boolean =>
  !not.includes(id) && (only.length === 0 || only.includes(id));
