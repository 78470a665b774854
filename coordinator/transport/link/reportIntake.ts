/**
 * The structural gate of a report: everything that can be refused before its values are compared.
 *
 * Only the host that holds the lease gets so far. What passes is put into the shard's own item order: two
 * hosts computed the same items in different secret orders, and their outputs must be comparable.
 */
import { firstNonFinite } from '../../../shared/acceptance.ts';
import { commitmentOf, openingsOf } from '../../../shared/commitment.ts';
import type { AssignmentId } from '../../../shared/ids.ts';
import { merkleTree } from '../../../shared/merkle.ts';
import { itemChunks } from '../../../shared/program.ts';
import type { ReportMessage } from '../../../shared/protocol/link.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { fail, ok, unreachable, type Result } from '../../../shared/result.ts';
import { encodeTensors } from '../../../shared/safetensors.ts';
import {
  describeSpec,
  sameDims,
  type NamedTensors,
  type Tensor,
  type TensorSpec,
} from '../../../shared/tensor.ts';
import { challengeOf } from '../../core/challenge.ts';
import { assignmentOrder } from '../../core/permutation.ts';
import type { Assignment, AssignmentState, Job, Shard } from '../../core/state.ts';
import { digestOf, hmacSha256, sha256 } from '../../digest.ts';
import type { ConnectedHost } from '../../engine/hosts.ts';
import type { ReportedOutput, ReportedOutputs } from '../../engine/outputs.ts';

/** Of a report that brings everything that was computed. */
export type WholeOutputs = ReportedOutputs & { readonly own: ReportedOutput };

/** What a report says of its commitment. */
export type Opening = Pick<ReportMessage, 'challenge' | 'openings'>;

/** Checks names, dtypes, shapes, finiteness, and that the outputs are those committed to and opened as asked. */
export function takeReport(
  job: Job,
  shard: Shard,
  assignment: Pick<Assignment, 'id' | 'contributor' | 'probes'>,
  committed: { readonly root: string },
  opening: Opening,
  tensors: NamedTensors,
): Result<WholeOutputs, Problem> {
  const { id, probes } = assignment;
  const rows = shard.items + probes.length;
  const expected = job.facts.outputs;
  for (const name of Object.keys(tensors)) {
    if (Object.hasOwn(expected, name)) continue;
    const detail = `the job has no output "${name}"`;
    return fail({
      code: 'report-output-unknown',
      detail,
      expected: Object.keys(expected).join(', '),
    });
  }
  for (const [name, spec] of Object.entries(expected)) {
    const problem = checkOutput(name, tensors[name], spec, rows, job.acceptance.nonFinite);
    if (problem !== null) return fail(problem);
  }
  const tree = merkleTree(itemChunks(tensors, rows), sha256);
  const problem = checkOpening(tree, challengeOf(job, assignment, committed.root, hmacSha256), id, {
    ...opening,
    ...committed,
  });
  if (problem !== null) return fail(problem);
  const sorted = inShardOrder(tensors, assignmentOrder(job.permutationKey, id, rows));
  return ok({
    own: outputOf(sorted, 0, shard.items),
    probes: probes.length === 0 ? null : outputOf(sorted, shard.items, rows),
  });
}

/**
 * Is the commitment to these rows, and is it opened exactly as the challenge asks? No other path of a row leads
 * to the same root, so each opening must be the one that the uploaded rows give.
 */
function checkOpening(
  tree: Uint8Array,
  challenge: string,
  id: AssignmentId,
  came: Opening & { readonly root: string },
): Problem | null {
  if (came.challenge !== challenge) {
    const detail = 'the report answers another challenge than this assignment’s';
    return {
      code: 'report-challenge',
      detail,
      expected: 'the one of its open',
      came: came.challenge,
    };
  }
  const root = commitmentOf(id, tree, sha256);
  if (came.root !== root) {
    const detail = 'the outputs are not those that were committed to';
    return { code: 'report-root-mismatch', detail, expected: root, came: came.root };
  }
  const expected = openingsOf(tree, challenge, sha256);
  if (came.openings.length !== expected.length) {
    const detail = 'the report opens another number of rows than asked';
    const counts = { expected: String(expected.length), came: String(came.openings.length) };
    return { code: 'report-openings', detail, ...counts };
  }
  const at = expected.findIndex((path, i) => !samePath(path, came.openings[i]!));
  if (at < 0) return null;
  return {
    code: 'report-openings',
    detail: `opening ${at} is not the path of its row under the root that was committed to`,
    expected: `${expected[at]!.length} hashes of the row’s path, from its sibling upwards`,
    came: `${came.openings[at]!.length} hashes`,
  };
}

const samePath = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((hash, i) => hash === b[i]);

/** Rows `[start, end)` of every tensor, as a file. */
function outputOf(tensors: NamedTensors, start: number, end: number): ReportedOutput {
  const part = Object.entries(tensors).map(([name, { dtype, dims, bytes }]) => {
    const rowBytes = bytes.byteLength / dims[0]!;
    const rows = bytes.subarray(start * rowBytes, end * rowBytes);
    return [name, { dtype, dims: [end - start, ...dims.slice(1)], bytes: rows }] as const;
  });
  const bytes = encodeTensors(Object.fromEntries(part));
  return { bytes, digest: digestOf(bytes) };
}

function checkOutput(
  name: string,
  tensor: Tensor | undefined,
  spec: TensorSpec,
  items: number,
  nonFinite: 'refuse' | 'data',
): Problem | null {
  const expected = describeSpec({ dtype: spec.dtype, dims: [items, ...spec.dims] });
  if (tensor === undefined) {
    return { code: 'report-output-missing', detail: `output "${name}" is missing`, expected };
  }
  const came = describeSpec(tensor);
  if (tensor.dtype !== spec.dtype) {
    return { code: 'report-dtype', detail: `output "${name}" has the wrong dtype`, expected, came };
  }
  if (!sameDims(tensor.dims, [items, ...spec.dims])) {
    return { code: 'report-shape', detail: `output "${name}" has the wrong shape`, expected, came };
  }
  const at = nonFinite === 'refuse' ? firstNonFinite(tensor) : -1;
  if (at < 0) return null;
  return {
    code: 'report-not-finite',
    detail: `output "${name}" has a NaN or infinity at element ${at}`,
    expected: 'finite values; the author has not declared others legitimate',
  };
}

/** Row `order[i]` of the result is row i of the assignment's tensors; probes come behind the shard's own. */
function inShardOrder(tensors: NamedTensors, order: readonly number[]): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, dims, bytes }]) => {
      const rowBytes = bytes.byteLength / order.length;
      const sorted = new Uint8Array(bytes.byteLength);
      order.forEach((row, i) => {
        sorted.set(bytes.subarray(i * rowBytes, (i + 1) * rowBytes), row * rowBytes);
      });
      return [name, { dtype, dims, bytes: sorted }];
    }),
  );
}

/** Why a message about an assignment that is not this host's living lease is refused. */
export function staleLeaseProblem(
  assignment: Assignment | null,
  host: Pick<ConnectedHost, 'contributor' | 'host'>,
): Problem {
  if (assignment === null) {
    return { code: 'assignment-unknown', detail: 'there is no such assignment' };
  }
  if (assignment.contributor !== host.contributor || assignment.host !== host.host) {
    return { code: 'assignment-of-another-host', detail: 'the assignment is another host’s' };
  }
  return problemOfState(assignment.state);
}

function problemOfState(state: AssignmentState): Problem {
  switch (state.kind) {
    case 'reported':
    case 'judged':
      return { code: 'report-repeated', detail: 'this assignment was reported already' };
    case 'leased':
    case 'expired':
    case 'returned':
    case 'errored':
    case 'undelivered':
    case 'revoked':
      return {
        code: 'lease-expired',
        detail: `the lease is over: the assignment is ${state.kind}`,
        fix: 'drop it and ask for more work',
      };
    default:
      return unreachable(state satisfies never);
  }
}
