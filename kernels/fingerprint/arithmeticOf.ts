/**
 * Measures how a device computes in f32. An instrument, not a kernel of the catalogue: honest adapters differ in it,
 * which is what it is for.
 */
import text from './fingerprint.wgsl?raw';
import { bitsOf } from './ieee.ts';
import { OPERATIONS, PROBES, type Probe } from './probes.ts';
import { readingOf, type Arithmetic } from './reading.ts';

const WORKGROUP_LANES = 64;

/** A few milliseconds, most of them the compiler's. Rejects where the device is lost or refuses the module. */
export async function arithmeticOf(device: GPUDevice): Promise<Arithmetic> {
  const pipeline = await device.createComputePipelineAsync({
    label: 'fingerprint',
    layout: 'auto',
    compute: {
      module: device.createShaderModule({ label: 'fingerprint', code: text }),
      entryPoint: 'measure',
    },
  });
  const questions = Uint32Array.from(PROBES.flatMap(wordsOf));
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const sizeBytes = 4 * PROBES.length;
  const buffers = {
    probes: device.createBuffer({ size: questions.byteLength, usage: STORAGE | COPY_DST }),
    bits: device.createBuffer({ size: sizeBytes, usage: STORAGE | COPY_SRC }),
    read: device.createBuffer({ size: sizeBytes, usage: COPY_DST | MAP_READ }),
  };
  try {
    device.queue.writeBuffer(buffers.probes, 0, questions);
    const encoder = device.createCommandEncoder();
    const recording = encoder.beginComputePass();
    recording.setPipeline(pipeline);
    const entries = [buffers.probes, buffers.bits].map((buffer, binding) => ({
      binding,
      resource: { buffer },
    }));
    const layout = pipeline.getBindGroupLayout(0);
    recording.setBindGroup(0, device.createBindGroup({ layout, entries }));
    recording.dispatchWorkgroups(Math.ceil(PROBES.length / WORKGROUP_LANES));
    recording.end();
    encoder.copyBufferToBuffer(buffers.bits, 0, buffers.read, 0, sizeBytes);
    device.queue.submit([encoder.finish()]);
    await buffers.read.mapAsync(GPUMapMode.READ);
    return readingOf(new Uint32Array(buffers.read.getMappedRange().slice(0)));
  } finally {
    for (const buffer of Object.values(buffers)) buffer.destroy();
  }
}

/** A probe as the module takes it: the operation's number, and three operands. */
function wordsOf({ operation, operands }: Probe): number[] {
  const word = (value = 0) => (operation === 'fromInteger' ? value : bitsOf(value));
  return [OPERATIONS.indexOf(operation), ...[0, 1, 2].map((i) => word(operands[i]))];
}
