/**
 * All cases of a catalogue kernel on a page's WebGPU, beside its reference: bundled and loaded by `kernels.spec.ts`.
 */
import { findKernel } from '../../kernels/catalog.ts';
import { CASES } from '../../kernels/testing/cases.ts';
import { compareOnGpu, openCase } from '../../kernels/testing/kernelCase.ts';
import { bytesToHex } from '@noble/hashes/utils.js';
import { assert } from '../../shared/result.ts';
import { encodeTensors } from '../../shared/safetensors.ts';

export interface CaseOutcome {
  /** `agree`, or what differs. */
  readonly comparison: string;
  /** SHA-256 of the outputs as a safetensors file. */
  readonly digest: string;
}

let device: Promise<GPUDevice> | undefined;

async function open(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter !== null, 'there is no adapter');
  return adapter.requestDevice();
}

/** Outcomes in the order of the cases, by the variant that the planner takes first, in buffers full of a bad value. */
export async function tryCases(id: string): Promise<readonly CaseOutcome[]> {
  const entry = findKernel(id);
  assert(entry !== undefined, `the catalogue has no ${id}`);
  const outcomes: CaseOutcome[] = [];
  for (const kernelCase of CASES[entry.manifest.name]!) {
    const { params, batch } = openCase(entry, kernelCase);
    const { comparison, gpu } = await compareOnGpu(await (device ??= open()), entry, params, batch);
    const hash = await crypto.subtle.digest('SHA-256', encodeTensors(gpu));
    const text = comparison.kind === 'agree' ? 'agree' : JSON.stringify(comparison);
    outcomes.push({ comparison: text, digest: bytesToHex(new Uint8Array(hash)) });
  }
  return outcomes;
}
