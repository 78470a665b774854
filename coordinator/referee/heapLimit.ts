/**
 * A ceiling on the WASM heap of the thread that imports this, for models that would take all memory of the
 * coordinator's machine. Must be imported before onnxruntime makes its heap.
 *
 * onnxruntime asks for a heap that may grow to 4 GiB and offers no setting; a heap with a lower maximum is
 * a valid import (WebAssembly core specification, memory type matching), and its allocations fail as
 * onnxruntime's own out-of-memory error. To be deleted when onnxruntime has such a setting.
 */
const PAGE_BYTES = 65_536;
/** A model of `MAX_MODEL_BYTES` takes three times its size while its session is made. */
const MAX_HEAP_BYTES = 2048 * 1024 * 1024;

interface MemoryDescriptor {
  readonly initial: number;
  readonly maximum?: number;
  readonly shared?: boolean;
}
type MemoryConstructor = new (descriptor: MemoryDescriptor) => object;

const { WebAssembly: engine } = globalThis as unknown as {
  WebAssembly: { Memory: MemoryConstructor };
};

const Memory = engine.Memory;
engine.Memory = class extends Memory {
  constructor(descriptor: MemoryDescriptor) {
    const maximum = Math.min(descriptor.maximum ?? Infinity, MAX_HEAP_BYTES / PAGE_BYTES);
    super({ ...descriptor, maximum });
  }
};

export {};
