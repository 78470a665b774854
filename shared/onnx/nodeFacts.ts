/**
 * Reading one node of a graph: attributes by name, and the shapes of its inputs and outputs.
 */
import { elementCount } from '../tensor.ts';
import type { AttributeProto, GraphProto, NodeProto } from './onnx_pb.ts';

/** Shapes by value name: what is fed, the initializers, and every intermediate that is known. */
export type ShapeMap = ReadonlyMap<string, readonly number[]>;

/** Thrown inside a count when a shape it needs is not known; never leaves the count. */
export class ShapeUnknown extends Error {
  override name = 'ShapeUnknown';
}

/** One node with the shapes around it; every accessor throws ShapeUnknown where the shape is missing. */
export class NodeFacts {
  readonly node: NodeProto;
  readonly shapes: ShapeMap;

  constructor(node: NodeProto, shapes: ShapeMap) {
    this.node = node;
    this.shapes = shapes;
  }

  hasInput(index: number): boolean {
    return (this.node.input[index] ?? '') !== '';
  }

  /** Dims of the index-th input; negative counts are never given. */
  input(index: number): readonly number[] {
    return this.shapeOf(this.node.input[index]);
  }

  output(index = 0): readonly number[] {
    return this.shapeOf(this.node.output[index]);
  }

  inputElements(index = 0): number {
    return elementCount(this.input(index));
  }

  outputElements(index = 0): number {
    return elementCount(this.output(index));
  }

  int(name: string, otherwise: number): number {
    const found = attribute(this.node, name);
    return found === undefined ? otherwise : Number(found.i);
  }

  ints(name: string): readonly number[] | undefined {
    return attribute(this.node, name)?.ints.map(Number);
  }

  text(name: string, otherwise: string): string {
    const found = attribute(this.node, name);
    return found === undefined ? otherwise : new TextDecoder().decode(found.s);
  }

  private shapeOf(name: string | undefined): readonly number[] {
    const dims = name === undefined ? undefined : this.shapes.get(name);
    if (dims === undefined) throw new ShapeUnknown(name ?? 'no value');
    return dims;
  }
}

export function attribute(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((candidate) => candidate.name === name);
}

/** The graphs inside a node (If, Loop, Scan and their kin). */
export function subgraphsOf(node: NodeProto): readonly GraphProto[] {
  return node.attribute.flatMap((a) => (a.g === undefined ? a.graphs : [a.g, ...a.graphs]));
}
