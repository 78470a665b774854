/**
 * An author's own WGSL as a kernel of one job: what its program says of it, and the one dispatch of a run. Its text is
 * elsewhere: it came with the job, and the coordinator has checked it.
 */
import * as z from 'zod/mini';
import type { WgslProgram } from '../shared/protocol/program.ts';
import type { KernelManifest } from './manifest.ts';

export function authoredManifest(
  program: WgslProgram,
  flopsPerItem: number,
): KernelManifest<unknown> {
  const { module, entryPoint, inputs, outputs, workgroupsPerItem } = program;
  const buffers = [...Object.entries(inputs), ...Object.entries(outputs)];
  buffers.sort(([, a], [, b]) => a.binding - b.binding);
  return {
    name: `wgsl:${module}`,
    version: 1,
    explanation: 'An author’s own module.',
    source: module,
    params: z.unknown(),
    inputs: () => inputs,
    outputs: () => outputs,
    flopsPerItem: () => flopsPerItem,
    bytesPerItem: () => 0,
    verification: 'sampled',
    acceptance: { kind: 'exact', nonFinite: 'refuse' },
    plan: (_, { rows }) => ({
      bindings: buffers.map(([name, { binding }]) => ({
        name,
        binding,
        access: Object.hasOwn(outputs, name) ? 'read-write' : 'read',
      })),
      scratchBytes: {},
      clearsOutputs: true,
      passes: [
        {
          entryPoint,
          workgroups: [workgroupsPerItem, 1, rows],
          constants: {},
          flopsPerWorkgroup: flopsPerItem / workgroupsPerItem,
          isWhole: true,
        },
      ],
    }),
  };
}
