/**
 * A real device under observation: its calls counted, or its memory bounded, which no real one lets a test
 * do without filling the machine.
 */

/** Counts calls of the named methods from now on; the device keeps doing them. */
export function countCalls<Name extends 'createBuffer' | 'createComputePipelineAsync'>(
  device: GPUDevice,
  names: readonly Name[],
): Record<Name, number> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  for (const name of names) {
    const original = device[name].bind(device) as (...args: unknown[]) => unknown;
    const counting = (...args: unknown[]) => {
      counts[name] += 1;
      return original(...args);
    };
    Object.defineProperty(device, name, { value: counting, configurable: true });
  }
  return counts;
}

/**
 * The same device, except that a storage buffer above `maxBytes` fails as a full GPU makes it fail: an invalid
 * buffer now, an out-of-memory error from the scope.
 */
export function withMemoryLimit(device: GPUDevice, maxBytes: number): GPUDevice {
  let refused = false;
  const create = device.createBuffer.bind(device);
  const pop = device.popErrorScope.bind(device);
  device.createBuffer = (descriptor) => {
    refused = descriptor.size > maxBytes && (descriptor.usage & GPUBufferUsage.STORAGE) !== 0;
    return create(refused ? { ...descriptor, size: 4 } : descriptor);
  };
  device.popErrorScope = async () => {
    const isRefusal = refused;
    refused = false;
    const error = await pop();
    return isRefusal ? new GPUOutOfMemoryError(`no room above ${maxBytes} bytes`) : error;
  };
  return device;
}
