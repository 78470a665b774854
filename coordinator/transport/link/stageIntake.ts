/**
 * The structural gate of a stage's messages: what it commits to, and what it shows of it.
 *
 * A stage keeps what it computed, but for the rows it is asked to show; the last one brings everything as well.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { firstNonFinite } from '../../../shared/acceptance.ts';
import { commitmentOfRoot } from '../../../shared/commitment.ts';
import type { BlobDigest } from '../../../shared/ids.ts';
import type { HostMessage, ReportMessage } from '../../../shared/protocol/link.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { assert, fail, ok, type Result } from '../../../shared/result.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import { boundaryRoot, boundaryTree, isOpenedBy, shownRows } from '../../../shared/stage.ts';
import {
  describeSpec,
  sameDims,
  type NamedTensors,
  type TensorSpec,
} from '../../../shared/tensor.ts';
import { challengeOf } from '../../core/challenge.ts';
import { jobOfStage, stageCount } from '../../core/stages.ts';
import type { Assignment, Job, Shard, StageCommitment } from '../../core/state.ts';
import { digestOf, hmacSha256, sha256 } from '../../digest.ts';
import type { ReportedOutputs } from '../../engine/outputs.ts';

/** Is the commitment that of a stage exactly where the assignment is one, and its root that of what it sends on? */
export function commitProblem(
  { id, stage }: Pick<Assignment, 'id' | 'stage'>,
  { root, boundary }: Pick<Extract<HostMessage, { type: 'commit' }>, 'root' | 'boundary'>,
): Problem | null {
  if (stage === undefined && boundary === undefined) return null;
  if (stage === undefined || boundary === undefined) {
    return {
      code: 'commit-boundary',
      detail: 'a stage commits to what it received and to what it sends on, and nothing else does',
      expected: stage === undefined ? 'no boundary' : 'a boundary',
      came: boundary === undefined ? 'none' : 'one',
    };
  }
  const expected = commitmentOfRoot(id, hexToBytes(boundary.outputs), sha256);
  if (root === expected) return null;
  const detail = 'the root is not the commitment to what the stage sends on';
  return { code: 'commit-boundary', detail, expected, came: root };
}

/** Checks names, dtypes, shapes and finiteness of what is shown, and that it is what was committed to. */
export function takeStageReport(
  job: Job,
  shard: Shard,
  assignment: Pick<Assignment, 'id' | 'contributor' | 'stage'>,
  committed: { readonly root: string; readonly stage?: StageCommitment },
  report: Pick<ReportMessage, 'challenge' | 'openings'>,
  tensors: NamedTensors,
): Result<ReportedOutputs, Problem> {
  const { stage: boundary, root } = committed;
  assert(boundary !== undefined && assignment.stage !== undefined, 'takeStageReport: no stage');
  const challenge = challengeOf(job, assignment, root, hmacSha256);
  if (report.challenge !== challenge) {
    const detail = 'the report answers another challenge than this assignment’s';
    return fail({ code: 'report-challenge', detail, came: report.challenge });
  }
  const stage = jobOfStage(job, assignment.stage);
  const isLast = assignment.stage === stageCount(job) - 1;
  const { rows } = boundary;
  const asked = {
    ...(rows.length > 0 ? specsOf('in:', stage.facts.inputs, rows.length) : {}),
    ...(rows.length > 0 ? specsOf('out:', stage.facts.outputs, rows.length) : {}),
    ...(isLast ? specsOf('', stage.facts.outputs, shard.items) : {}),
  };
  const problem = namesProblem(asked, tensors) ?? specsProblem(asked, tensors, stage);
  if (problem !== null) return fail(problem);
  const shown = shownRows(tensors);
  if (!isOpenedBy(shown, rows, shard.items, boundary, report.openings, sha256)) {
    return fail({
      code: 'report-openings',
      detail: 'what is shown of the stage is not what was committed to',
      expected: `inputs and outputs of rows ${rows.join(', ')} with their paths`,
      came: `${report.openings.length} paths`,
    });
  }
  if (!isLast) {
    // Where the outputs are, nobody but the next stage knows; the root is their digest.
    return ok({
      own: { digest: boundary.outputs as BlobDigest, bytes: null },
      probes: null,
      shown,
    });
  }
  const outputs = Object.fromEntries(
    Object.keys(stage.facts.outputs).map((name) => [name, tensors[name]!]),
  );
  const came = boundaryRoot(boundaryTree(outputs, shard.items, sha256));
  if (came !== boundary.outputs) {
    const detail = 'the outputs are not those that were committed to';
    return fail({ code: 'report-root-mismatch', detail, expected: boundary.outputs, came });
  }
  const bytes = encodeTensors(outputs);
  return ok({ own: { bytes, digest: digestOf(bytes) }, probes: null, shown });
}

type Specs = Readonly<Record<string, TensorSpec>>;

const specsOf = (prefix: string, specs: Specs, rows: number): Record<string, TensorSpec> =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { dtype, dims }]) => [
      prefix + name,
      { dtype, dims: [rows, ...dims] },
    ]),
  );

function namesProblem(asked: Specs, tensors: NamedTensors): Problem | null {
  const expected = Object.keys(asked).join(', ') || 'no tensors';
  const unknown = Object.keys(tensors).find((name) => !Object.hasOwn(asked, name));
  if (unknown !== undefined) {
    const detail = `nobody asked for "${unknown}"`;
    return { code: 'report-output-unknown', detail, expected };
  }
  const missing = Object.keys(asked).find((name) => !Object.hasOwn(tensors, name));
  if (missing === undefined) return null;
  return { code: 'report-output-missing', detail: `"${missing}" is missing`, expected };
}

function specsProblem(asked: Specs, tensors: NamedTensors, { acceptance }: Job): Problem | null {
  for (const [name, spec] of Object.entries(asked)) {
    const tensor = tensors[name]!;
    const expected = describeSpec(spec);
    const came = describeSpec(tensor);
    if (tensor.dtype !== spec.dtype) {
      return { code: 'report-dtype', detail: `"${name}" has the wrong dtype`, expected, came };
    }
    if (!sameDims(tensor.dims, spec.dims)) {
      return { code: 'report-shape', detail: `"${name}" has the wrong shape`, expected, came };
    }
    const at = acceptance.nonFinite === 'refuse' ? firstNonFinite(tensor) : -1;
    if (at < 0) continue;
    return {
      code: 'report-not-finite',
      detail: `"${name}" has a NaN or infinity at element ${at}`,
      expected: 'finite values; the author has not declared others legitimate',
    };
  }
  return null;
}
