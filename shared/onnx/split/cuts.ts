/**
 * The best cuts of one order of blocks: which prefixes become stage boundaries.
 *
 * Exact for its order. A stage is a run of the order; its cost and memory only grow with it, so the earliest
 * start of a stage that ends at j never moves back as j grows, and one sweep with a sliding minimum serves a row of
 * the table: time is stages × blocks for one ceiling.
 */
import { assert } from '../../result.ts';
import type { BlockGraph } from './blocks.ts';

export interface Ceilings {
  readonly cost: number;
  /** Tensors in the file of a stage. */
  readonly storedBytes: number;
  /** Constants, and the values alive at once while the worst of its blocks runs. */
  readonly memoryBytes: number;
}

export interface Cuts {
  /** Places in the order, ascending, without 0 and the end. */
  readonly at: readonly number[];
  /** The dearest stage. */
  readonly bottleneck: number;
  /** Of all cuts together. */
  readonly boundaryBytes: number;
}

/** One order with what does not depend on ceilings. */
export class OrderedBlocks {
  readonly order: readonly number[];
  readonly graph: BlockGraph;
  /** By place: the bytes of all values that are made before and taken after. */
  readonly #liveBytes: Float64Array;
  /** By place: what is alive while the block there runs, all that it makes included. */
  readonly #workingBytes: Float64Array;
  readonly #blocked: Uint8Array;

  constructor(graph: BlockGraph, order: readonly number[]) {
    this.order = order;
    this.graph = graph;
    const places = new Map(order.map((block, place) => [block, place]));
    const end = order.length;
    this.#liveBytes = new Float64Array(end + 1);
    const blocking = new Int32Array(end + 2);
    const change = new Float64Array(end + 2);
    for (const value of graph.values) {
      const from = value.producer === null ? 0 : places.get(value.producer)! + 1;
      const last = value.consumers.reduce((most, block) => Math.max(most, places.get(block)!), -1);
      const until = value.isModelOutput ? end : last;
      if (until < from) continue;
      change[from]! += value.bytes;
      change[until + 1]! -= value.bytes;
      if (value.canCross) continue;
      blocking[from]! += 1;
      blocking[until + 1]! -= 1;
    }
    let live = 0;
    let blockers = 0;
    this.#blocked = new Uint8Array(end + 1);
    for (let place = 0; place <= end; place++) {
      live += change[place]!;
      blockers += blocking[place]!;
      this.#liveBytes[place] = live;
      this.#blocked[place] = place === 0 || place === end || blockers > 0 ? 1 : 0;
    }
    this.#workingBytes = Float64Array.from(
      order,
      (block, place) => this.#liveBytes[place]! + graph.blocks[block]!.madeBytes,
    );
  }

  /** Places where a cut is allowed. */
  get cutCount(): number {
    return this.#blocked.reduce((count, blocked) => count + 1 - blocked, 0);
  }

  /** The cuts with the fewest boundary bytes under the ceilings; null where there are none. */
  cheapest(stages: number, ceilings: Ceilings): Cuts | null {
    const end = this.order.length;
    const earliest = this.#earliestStarts(ceilings);
    if (earliest === null) return null;
    // sums[k][j]: the fewest boundary bytes with the k-th cut at j; from[k][j]: the cut before it
    const from: Int32Array[] = [];
    let sums = new Float64Array(end + 1).fill(Infinity);
    sums[0] = 0;
    for (let stage = 1; stage <= stages; stage++) {
      const next = new Float64Array(end + 1).fill(Infinity);
      const starts = new Int32Array(end + 1).fill(-1);
      const window: number[] = [];
      let head = 0;
      for (let place = 1; place <= end; place++) {
        // Of equal sums the later start stays: the shorter stage.
        while (window.length > head && sums[window.at(-1)!]! >= sums[place - 1]!) window.pop();
        window.push(place - 1);
        while (window[head]! < earliest[place]!) head += 1;
        const isEnd = place === end;
        if (stage === stages ? !isEnd : this.#blocked[place] === 1) continue;
        const start = window[head];
        if (start === undefined || sums[start] === Infinity) continue;
        next[place] = sums[start]! + (isEnd ? 0 : this.#liveBytes[place]!);
        starts[place] = start;
      }
      sums = next;
      from.push(starts);
    }
    if (sums[end] === Infinity) return null;
    const at: number[] = [];
    for (let stage = stages - 1, place = end; stage > 0; stage--) {
      place = from[stage]![place]!;
      at.unshift(place);
    }
    return { at, bottleneck: this.#bottleneck(at), boundaryBytes: sums[end]! };
  }

  /** Costs of the stages between these cuts. */
  costs(at: readonly number[]): number[] {
    const { blocks, constants } = this.graph;
    return [...at, this.order.length].map((end, stage) => {
      const own = this.order.slice(stage === 0 ? 0 : at[stage - 1], end).map((b) => blocks[b]!);
      const shared = new Set(own.flatMap((block) => block.constants));
      const sum = own.reduce((total, { cost }) => total + cost, 0);
      return [...shared].reduce((total, c) => total + constants[c]!.cost, sum);
    });
  }

  #bottleneck(at: readonly number[]): number {
    return Math.max(0, ...this.costs(at));
  }

  /** By end of a stage the earliest start under the ceilings; null where one block alone is above them. */
  #earliestStarts(ceilings: Ceilings): Int32Array | null {
    const { blocks, constants } = this.graph;
    const end = this.order.length;
    const earliest = new Int32Array(end + 1);
    const uses = new Int32Array(constants.length);
    const peaks: number[] = [];
    let firstPeak = 0;
    let cost = 0;
    let stored = 0;
    let memory = 0;
    let start = 0;
    const count = (place: number, step: 1 | -1): void => {
      const block = blocks[this.order[place]!]!;
      cost += step * block.cost;
      stored += step * block.storedBytes;
      memory += step * block.storedBytes;
      for (const constant of block.constants) {
        const before = uses[constant]!;
        uses[constant] = before + step;
        if (Math.min(before, before + step) > 0) continue;
        cost += step * constants[constant]!.cost;
        stored += step * constants[constant]!.storedBytes;
        memory += step * constants[constant]!.memoryBytes;
      }
    };
    for (let place = 1; place <= end; place++) {
      count(place - 1, 1);
      const working = this.#workingBytes;
      while (peaks.length > firstPeak && working[peaks.at(-1)!]! <= working[place - 1]!)
        peaks.pop();
      peaks.push(place - 1);
      const isAbove = (): boolean =>
        cost > ceilings.cost * ROUNDING ||
        stored > ceilings.storedBytes ||
        memory + working[peaks[firstPeak]!]! > ceilings.memoryBytes;
      while (isAbove()) {
        count(start, -1);
        start += 1;
        if (start === place) return null;
        while (peaks[firstPeak]! < start) firstPeak += 1;
      }
      earliest[place] = start;
    }
    return earliest;
  }
}

/** Sums of costs differ in their last bits with the order of adding; a ceiling is not missed for that. */
const ROUNDING = 1 + 1e-9;

/** Halvings that leave nothing of a range of doubles that matters. */
const HALVINGS = 50;

/** The least ceiling, found between 0 and `most`, under which `holds`; null where it does not hold at `most`. */
export function leastCeiling(most: number, holds: (ceiling: number) => boolean): number | null {
  assert(most >= 0, 'leastCeiling: a negative range');
  if (!holds(most)) return null;
  if (holds(0)) return 0;
  let low = 0;
  let high = most;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
