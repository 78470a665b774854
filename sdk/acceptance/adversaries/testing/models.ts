/**
 * Models that are not the one that was asked for: what a host runs that saves memory or time.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../../../shared/onnx/onnx_pb.ts';
import { assert } from '../../../../shared/result.ts';
import { seeded } from '../../../demo/random.ts';
import type { ProgramSource } from '../../../../web/compute/api.ts';

type Model = Uint8Array;

/** A script's `program`: the host runs what `change` makes of the model. */
export const withModel =
  (change: (model: Model) => Model) =>
  (source: ProgramSource): ProgramSource => {
    assert(source.model !== null, 'withModel: the program is no model');
    return { ...source, model: change(source.model) };
  };

/** Weights on a symmetric grid of so many bits, per tensor. */
export const quantised =
  (bits: number) =>
  (model: Model): Model =>
    withWeights(model, (weights) => {
      const largest = weights.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const step = largest / (2 ** (bits - 1) - 1);
      return weights.map((x) => Math.round(x / step) * step);
    });

/** The same shapes after some more training: every weight has moved by about a hundredth of their spread. */
export const fineTuned = (model: Model): Model => {
  const random = seeded(14);
  return withWeights(model, (weights) => {
    const spread = Math.sqrt(weights.reduce((sum, x) => sum + x * x, 0) / weights.length);
    return weights.map((x) => x + 0.01 * spread * random.normal());
  });
};

/** A smaller one of the same shapes: the half of each tensor's weights that matter least are gone. */
export const pruned = (model: Model): Model =>
  withWeights(model, (weights) => {
    const sizes = weights.map(Math.abs).sort();
    const least = sizes[Math.floor(sizes.length / 2)]!;
    return weights.map((x) => (Math.abs(x) < least ? 0 : x));
  });

/** The node that makes `output` hands its input on. */
export const withoutLayer =
  (output: string) =>
  (bytes: Model): Model => {
    const model = fromBinary(ModelProtoSchema, bytes);
    const node = model.graph?.node.find((it) => it.output[0] === output);
    assert(node !== undefined, `withoutLayer: nothing makes ${output}`);
    node.opType = 'Identity';
    node.input.splice(1);
    node.attribute = [];
    return toBinary(ModelProtoSchema, model);
  };

function withWeights(bytes: Model, change: (weights: Float32Array) => Float32Array): Model {
  const model = fromBinary(ModelProtoSchema, bytes);
  for (const tensor of model.graph?.initializer ?? []) {
    const raw = new Uint8Array(tensor.rawData);
    const weights = change(new Float32Array(raw.buffer));
    tensor.rawData = new Uint8Array(weights.buffer);
  }
  return toBinary(ModelProtoSchema, model);
}
