/**
 * Any small graph: the plan is nearly as even as the best division there is, and the stages compute what the whole does.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assert } from '../../result.ts';
import { tensorOf } from '../../tensor.ts';
import { bestBottleneck } from '../../testing/bestDivision.ts';
import { runModel, runStages } from '../../testing/composedStages.ts';
import { readModel, type OnnxModel } from '../graph.ts';
import { buildModel, node, value } from '../modelBuilder.ts';
import { emitStages, planStages } from './splitModel.ts';

interface AnyGraph {
  readonly model: OnnxModel;
  readonly costs: readonly number[];
  readonly before: readonly (readonly number[])[];
}

/** Two inputs; operators that fuse and such that do not; results that nobody takes are the model's. */
const OPERATORS = ['Mean', 'Sum', 'Max'] as const;
const UNARY = ['Relu', 'Sin', 'Neg', 'Cos'] as const;

const anyNode = fc.record({
  operator: fc.nat(),
  /** How far back each value lies; beyond the first node it is an input. */
  reach: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
  cost: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
  isOutput: fc.boolean(),
});
const anyGraph = (maxNodes: number): fc.Arbitrary<AnyGraph> =>
  fc.array(anyNode, { minLength: 4, maxLength: maxNodes }).map((drawn) => {
    const before = drawn.map(({ reach }, i) => [
      ...new Set(reach.map((back) => i - back).filter((from) => from >= 0)),
    ]);
    const taken = new Set(before.flat());
    const nodes = drawn.map(({ operator, reach }, i) => {
      const names = [...new Set(reach.map((back) => nameOf(i - back)))];
      const operators = names.length === 1 ? UNARY : OPERATORS;
      return node(operators[operator % operators.length]!, names, [`v${i}`]);
    });
    const outputs = drawn.flatMap(({ isOutput }, i) =>
      taken.has(i) && !(isOutput && i % 3 === 0) ? [] : [value(`v${i}`, 'F32', null)],
    );
    const bytes = buildModel({
      name: 'any',
      opset: 17,
      irVersion: 8,
      producer: 'test',
      inputs: [value('a', 'F32', ['N']), value('b', 'F32', ['N'])],
      outputs,
      nodes,
    });
    const read = readModel(bytes);
    assert(read.ok, 'a built model can be read');
    return { model: read.value, costs: drawn.map(({ cost }) => cost), before };
  });

const nameOf = (at: number): string => (at >= 0 ? `v${at}` : at % 2 === 0 ? 'a' : 'b');

/** What the project promises of balance on small graphs. */
const WITHIN = 1.15;

describe('any small graph', () => {
  test(`the dearest stage costs at most ${WITHIN} of the best of all divisions`, () => {
    fc.assert(
      fc.property(
        anyGraph(10),
        fc.integer({ min: 2, max: 4 }),
        ({ model, costs, before }, stages) => {
          fc.pre(costs.some((cost) => cost > 0));
          const plan = planStages(model, { stages, costs });
          assert(plan.ok, 'every value is a tensor of known type: any cut is allowed');
          const best = bestBottleneck(costs, before, stages);
          expect(plan.value.bottleneckCost).toBeGreaterThanOrEqual(best);
          expect(plan.value.bottleneckCost).toBeLessThanOrEqual(WITHIN * best);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('every node is in one stage, after what it takes; stages compose to the whole', async () => {
    const feeds = {
      a: tensorOf('F32', [3], Float32Array.of(0.1, -0.7, 2)),
      b: tensorOf('F32', [3], Float32Array.of(-1.5, 0.3, 0.9)),
    };
    await fc.assert(
      fc.asyncProperty(
        anyGraph(14),
        fc.integer({ min: 2, max: 4 }),
        async ({ model, costs, before }, stages) => {
          const plan = planStages(model, { stages, costs });
          assert(plan.ok, 'every value is a tensor of known type: any cut is allowed');
          const order = plan.value.stages.flatMap(({ nodes }) => nodes);
          expect([...order].sort((x, y) => x - y)).toEqual(model.nodes.map((_, i) => i));
          for (const [at, index] of order.entries()) {
            for (const earlier of before[index]!) expect(order.indexOf(earlier)).toBeLessThan(at);
          }
          const whole = await runModel(model.bytes, feeds, 'disabled');
          const composed = await runStages(emitStages(model, plan.value), feeds, 'disabled');
          expect(composed).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    );
  });
});
