/**
 * What computed a report, as far as its rounding and its faults are shared with others: the engine, and on WebGPU the
 * adapter that the host names.
 *
 * A host's own word, so it is never a reason to check less, and replicas are never paired by it.
 */
import type { Engine } from '../../shared/protocol/program.ts';
import type { Capabilities } from '../../shared/protocol/link.ts';

/** The coordinator's own recomputation, as a side of a comparison. */
export const REFEREE_CLASS = 'referee';

/** Adapters describe themselves in a few words; more of them would only make classes of one. */
const MAX_CLASS_CHARS = 80;

const GPU = 'webgpu/';

/** Printable ASCII, whatever the host says. */
export function engineClassOf(engine: Engine, { adapter }: Pick<Capabilities, 'adapter'>): string {
  if (engine !== 'webgpu') return engine;
  const words = adapter
    .toLowerCase()
    .replace(/[^!-~]+/g, ' ')
    .trim();
  return `${GPU}${words}`.slice(0, MAX_CLASS_CHARS);
}

/** The class of a host's GPU; null for a host that has none to compute with. */
export const gpuClassOf = (capabilities: Capabilities): string | null =>
  capabilities.engines.includes('webgpu') ? engineClassOf('webgpu', capabilities) : null;

/**
 * Is there a driver of the device in it? WASM and the CPU reference are our own code, the referee's very own: whoever is
 * wrong there is wrong alone.
 */
export const hasDriver = (engineClass: string): boolean => engineClass.startsWith(GPU);
