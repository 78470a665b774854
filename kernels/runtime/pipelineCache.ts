/**
 * Compute pipelines by module text, entry point and constants, compiled once. Bounded, because parameters
 * from outside (a seed, a size) are constants of pipelines.
 */
import { messageOf, fail, ok, type Result } from '../../shared/result.ts';
import type { KernelBinding } from '../plan.ts';
import type { GpuFailure } from './failure.ts';

/** A kernel has one to four pipelines; this holds those of the last dozen or more jobs. */
const MAX_PIPELINES = 64;

export interface CompiledKernel {
  readonly layout: GPUBindGroupLayout;
  pipeline(
    entryPoint: string,
    constants: Readonly<Record<string, number>>,
  ): Promise<Result<GPUComputePipeline, GpuFailure>>;
}

export class PipelineCache {
  readonly #device: GPUDevice;
  /** Least recently used first. */
  readonly #pipelines = new Map<string, Promise<Result<GPUComputePipeline, GpuFailure>>>();
  #compiled = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Pipelines compiled so far. */
  get compiled(): number {
    return this.#compiled;
  }

  /**
   * `bindings[i]` is binding i + 1 of group 0; binding 0 is the uniform base, at a dynamic offset. The
   * cache key holds `shaderText` itself, so equal names of different modules never meet.
   */
  kernel(label: string, shaderText: string, bindings: readonly KernelBinding[]): CompiledKernel {
    const layout = this.#device.createBindGroupLayout({
      label,
      entries: [
        {
          binding: 0,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: 16 },
        },
        ...bindings.map((binding, i): GPUBindGroupLayoutEntry => {
          const type = binding.access === 'read' ? 'read-only-storage' : 'storage';
          return {
            binding: binding.binding ?? i + 1,
            visibility: GPUShaderStage.COMPUTE,
            buffer: { type },
          };
        }),
      ],
    });
    const pipelineLayout = this.#device.createPipelineLayout({ label, bindGroupLayouts: [layout] });
    let module: GPUShaderModule | undefined;
    return {
      layout,
      pipeline: (entryPoint, constants) => {
        const named = Object.entries(constants).sort(([a], [b]) => (a < b ? -1 : 1));
        const key = JSON.stringify([shaderText, bindings, entryPoint, named]);
        const known = this.#pipelines.get(key);
        if (known !== undefined) {
          this.#pipelines.delete(key);
          this.#pipelines.set(key, known);
          return known;
        }
        module ??= this.#module(label, shaderText);
        const compiling = this.#compile({
          label: `${label}.${entryPoint}`,
          layout: pipelineLayout,
          compute: { module, entryPoint, constants },
        });
        this.#pipelines.set(key, compiling);
        for (const oldest of this.#pipelines.keys()) {
          if (this.#pipelines.size <= MAX_PIPELINES) break;
          this.#pipelines.delete(oldest);
        }
        return compiling;
      },
    };
  }

  /** Errors in the text are told by the pipeline that uses it; here they would only be printed. */
  #module(label: string, code: string): GPUShaderModule {
    this.#device.pushErrorScope('validation');
    const module = this.#device.createShaderModule({ label, code });
    this.#device.popErrorScope().catch(() => undefined);
    return module;
  }

  async #compile(
    descriptor: GPUComputePipelineDescriptor,
  ): Promise<Result<GPUComputePipeline, GpuFailure>> {
    this.#compiled += 1;
    try {
      return ok(await this.#device.createComputePipelineAsync(descriptor));
    } catch (thrown) {
      const entryPoint = descriptor.compute.entryPoint ?? '';
      return fail({ kind: 'compile', entryPoint, message: await this.#why(descriptor, thrown) });
    }
  }

  async #why({ compute }: GPUComputePipelineDescriptor, thrown: unknown): Promise<string> {
    const { messages } = await compute.module.getCompilationInfo();
    const first = messages.find((message) => message.type === 'error');
    return first === undefined
      ? messageOf(thrown)
      : `line ${first.lineNum}:${first.linePos}: ${first.message}`;
  }
}
