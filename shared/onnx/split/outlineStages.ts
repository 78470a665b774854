/**
 * From blocks per stage to what each stage holds, takes and gives.
 *
 * The boundary after a stage is every value that exists by then and is still wanted: by a later stage, or because the
 * whole model gives it. So the last stage gives the model's outputs, and no stage needs any but the one before it.
 */
import { dtypeOfDataType } from '../dataType.ts';
import type { OnnxModel } from '../graph.ts';
import { constantParts, type Dataflow } from './dataflow.ts';
import type { ModelMeasures } from './measures.ts';
import type { StageOutline, StageValue } from './stagePlan.ts';

/** `stages`: places in `flow.nodes`, in the order in which they run. */
export function outlineStages(
  model: OnnxModel,
  flow: Dataflow,
  measures: ModelMeasures,
  stages: readonly (readonly number[])[],
): StageOutline[] {
  const boundaries = boundaryNames(model, flow, stages);
  const describe = (name: string): StageValue => {
    const type = measures.types.get(name) ?? null;
    return {
      name,
      dtype: type === null ? null : dtypeOfDataType(type),
      dims: measures.declaredDims(name),
      bytes: measures.knownBytes(name),
    };
  };
  return stages.map((places, stage) => {
    const isLast = stage === stages.length - 1;
    const inputs = boundaries[stage]!;
    const outputs = boundaries[stage + 1]!;
    const nodes = places.map((place) => flow.nodes[place]!);
    const constants = constantParts(flow, [
      ...nodes.flatMap((node) => node.constants),
      ...(isLast ? outputs.filter((name) => !flow.values.has(name)) : []),
    ]);
    const indices = [...constants.nodes, ...nodes].map(({ index }) => index);
    const initializers = [...model.initializers.keys()].filter((name) =>
      constants.initializers.has(name),
    );
    const heldBytes = sum(initializers.map(measures.initializerBytes));
    const constantBytes = sum(
      constants.nodes.flatMap((node) => node.outputs.map(measures.constantBytes)),
    );
    const insideBytes = sum(nodes.map(({ index }) => measures.nodeBytes(index)));
    return {
      nodes: indices,
      initializers,
      inputs: inputs.map(describe),
      outputs: outputs.map(describe),
      carried: outputs.filter((name) => inputs.includes(name)),
      cost: sum(indices.map(measures.nodeCost)),
      flops: sum(indices.map((index) => measures.flops[index]!)),
      weightBytes: heldBytes + sum(indices.map(measures.nodeBytes)),
      memoryBytes:
        heldBytes +
        constantBytes +
        insideBytes +
        peakBytes(flow, measures, places, inputs, outputs),
      boundaryBytes: sum(outputs.map((name) => measures.knownBytes(name) ?? 0)),
    };
  });
}

/** Names at each edge: before the first stage, between stages, after the last. */
function boundaryNames(
  model: OnnxModel,
  flow: Dataflow,
  stages: readonly (readonly number[])[],
): string[][] {
  const stageOf = new Map<number, number>();
  stages.forEach((places, stage) => places.forEach((place) => stageOf.set(place, stage)));
  const between = stages.slice(1).map((): string[] => []);
  for (const { name, producer, consumers, isModelOutput } of flow.values.values()) {
    const made = producer === null ? 0 : stageOf.get(producer)!;
    const wanted = isModelOutput
      ? stages.length - 1
      : consumers.reduce((last, place) => Math.max(last, stageOf.get(place)!), 0);
    for (let stage = made; stage < wanted; stage++) between[stage]!.push(name);
  }
  const namesOf = (values: readonly { readonly name: string }[]): string[] =>
    values.map(({ name }) => name);
  return [namesOf(model.inputs), ...between, namesOf(model.outputs)];
}

/** The most bytes of values that are alive together: while a node runs, what it takes and makes included. */
function peakBytes(
  flow: Dataflow,
  measures: ModelMeasures,
  places: readonly number[],
  inputs: readonly string[],
  outputs: readonly string[],
): number {
  const kept = new Set(outputs);
  const inside = new Set(places);
  const left = new Map<string, number>();
  const wants = (name: string): number =>
    flow.values.get(name)!.consumers.filter((place) => inside.has(place)).length;
  let live = 0;
  const enter = (name: string): void => {
    left.set(name, wants(name));
    if (left.get(name)! > 0 || kept.has(name)) live += measures.knownBytes(name) ?? 0;
  };
  inputs.forEach(enter);
  let peak = live;
  for (const place of places) {
    const { inputs: taken, outputs: made } = flow.nodes[place]!;
    made.forEach(enter);
    peak = Math.max(peak, live);
    for (const name of taken) {
      left.set(name, left.get(name)! - 1);
      if (left.get(name) === 0 && !kept.has(name)) live -= measures.knownBytes(name) ?? 0;
    }
  }
  return peak;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
