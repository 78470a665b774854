/**
 * onnxruntime-web's native WebGPU provider as a contender: a model of one operator, weights as initializers.
 *
 * The page has loaded the build. The provider is named by an object and given its device: inputs can then lie on the GPU
 * (reference: performance, 2.3 and 4.2). Invariant: one session runs at a time, ORT 1.30 is not re-entrant.
 */
import { buildModel, node, value, type NodeInit } from '../../shared/onnx/modelBuilder.ts';
import { assert } from '../../shared/result.ts';
import { tensorOf, type Tensor } from '../../shared/tensor.ts';
import type { Contender, Input, Inputs, Operation, Residence, Way } from './operations.ts';

type Ort = typeof import('onnxruntime-web');
type OrtTensor = InstanceType<Ort['Tensor']>;

interface Model {
  readonly form: string;
  readonly bytes: Uint8Array;
  /** The graph's inputs: an operation's data, in the graph's shape. */
  readonly feeds: Readonly<Record<string, Input>>;
  readonly layouts: readonly ('NHWC' | 'NCHW')[];
}

/** As the GPU tensors of ORT need their buffers. */
const BUFFER_ALIGNMENT = 16;

export const onnxRuntime = (ort: Ort, device: GPUDevice): Contender => ({
  name: 'ort',
  async prepare(operation, inputs, residence) {
    const models = modelsOf(operation, inputs);
    if (typeof models === 'string') return models;
    const opened: OpenModel[] = [];
    for (const model of models) {
      for (const layout of model.layouts) {
        opened.push(await openModel(ort, device, model, layout, residence));
      }
    }
    return {
      ways: opened,
      async close() {
        for (const { close } of opened) await close();
      },
    };
  },
});

interface OpenModel extends Way {
  close(): Promise<void>;
}

async function openModel(
  ort: Ort,
  device: GPUDevice,
  { form, bytes, feeds, layouts }: Model,
  preferredLayout: 'NHWC' | 'NCHW',
  residence: Residence,
): Promise<OpenModel> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [{ name: 'webgpu', device, preferredLayout } as never],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const buffers: GPUBuffer[] = [];
  const resident: Record<string, OrtTensor> = {};
  for (const [name, { dims, values }] of Object.entries(feeds)) {
    if (residence !== 'gpu') continue;
    const buffer = device.createBuffer({
      size: Math.ceil(values.byteLength / BUFFER_ALIGNMENT) * BUFFER_ALIGNMENT,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    device.queue.writeBuffer(buffer, 0, values);
    buffers.push(buffer);
    resident[name] = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [...dims] });
  }
  return {
    form: layouts.length === 1 ? form : `${form}, ${preferredLayout}`,
    async run() {
      const fed = { ...resident };
      for (const [name, { dims, values }] of Object.entries(feeds)) {
        fed[name] ??= new ort.Tensor('float32', values, dims);
      }
      const { output } = await session.run(fed);
      assert(output !== undefined, 'onnxRuntime: the model made no output');
      return output.data as Float32Array;
    },
    async close() {
      await session.release();
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

const weightOf = ({ dims, values }: Input): Tensor => tensorOf('F32', dims, values);

function modelsOf(operation: Operation, inputs: Inputs): readonly Model[] | string {
  const model = (
    form: string,
    nodes: readonly NodeInit[],
    initializers: Readonly<Record<string, Tensor>>,
    feeds: Readonly<Record<string, Input>>,
    outputDims: readonly number[],
    layouts: Model['layouts'] = ['NHWC'],
  ): Model => {
    const bytes = buildModel({
      name: operation.kind,
      opset: 17,
      irVersion: 8,
      producer: 'idlewave',
      inputs: Object.entries(feeds).map(([name, { dims }]) => value(name, 'F32', dims)),
      outputs: [value('output', 'F32', outputDims)],
      nodes,
      initializers,
    });
    return { form, bytes, feeds, layouts };
  };
  switch (operation.kind) {
    case 'matmul': {
      const { m, n } = operation;
      return [model('MatMul', [node('MatMul', ['a', 'b'], ['output'])], {}, inputs, [m, n])];
    }
    case 'matvec': {
      const { m, k } = operation;
      const a = weightOf(inputs['a']!);
      const x = inputs['x']!;
      const asRow = { x: { ...x, dims: [1, k] } };
      const transposed = new Float32Array(m * k);
      inputs['a']!.values.forEach((v, i) => {
        transposed[(i % k) * m + Math.floor(i / k)] = v;
      });
      return [
        model('MatMul', [node('MatMul', ['a', 'x'], ['output'])], { a }, { x }, [m]),
        model(
          'MatMul, row times columns',
          [node('MatMul', ['x', 'a'], ['output'])],
          { a: tensorOf('F32', [k, m], transposed) },
          asRow,
          [1, m],
        ),
        model('Gemm', [node('Gemm', ['x', 'a'], ['output'], { transB: 1 })], { a }, asRow, [1, m]),
      ];
    }
    case 'conv2d': {
      const { channels, filters, side, kernel, groups } = operation;
      const image: Input = { ...inputs['image']!, dims: [1, channels, side, side] };
      const pad = (kernel - 1) / 2;
      const attributes = {
        kernel_shape: [kernel, kernel],
        pads: [pad, pad, pad, pad],
        group: groups,
      };
      const conv = node('Conv', ['image', 'weights', 'bias'], ['output'], attributes);
      const weights = weightOf(inputs['weights']!);
      const bias = weightOf(inputs['bias']!);
      const dims = [1, filters, side, side];
      return [model('Conv', [conv], { weights, bias }, { image }, dims, ['NHWC', 'NCHW'])];
    }
    case 'softmax': {
      const softmax = node('Softmax', ['x'], ['output'], { axis: 1 });
      return [model('Softmax', [softmax], {}, inputs, inputs['x']!.dims)];
    }
    case 'layernorm': {
      const { x, scale, bias } = inputs;
      // Its epsilon is 1e-5 where none is given.
      const norm = node('LayerNormalization', ['x', 'scale', 'bias'], ['output'], { axis: 1 });
      const weights = { scale: weightOf(scale!), bias: weightOf(bias!) };
      return [model('LayerNormalization', [norm], weights, { x: x! }, x!.dims)];
    }
    case 'reduce': {
      const sum = node('ReduceSum', ['x', 'axes'], ['output'], { keepdims: 0 });
      const axes = tensorOf('I64', [1], BigInt64Array.of(1n));
      return [model('ReduceSum', [sum], { axes }, inputs, [operation.rows])];
    }
    case 'fft':
      return 'has no WebGPU kernel for DFT';
    default:
      return operation satisfies never;
  }
}
