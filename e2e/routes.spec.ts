/**
 * One model over several tabs: the stages run in separate browser contexts, and what one computes goes to the next by
 * WebRTC. Every output is the whole model's.
 */
import { readModel } from '../shared/onnx/graph.ts';
import { emitStages, planStages } from '../shared/onnx/split/splitModel.ts';
import { assert } from '../shared/result.ts';
import { loadDigits, pickDigits, runDirectly } from '../sdk/demo/digits.ts';
import type { IdlewaveClient, Job } from '../sdk/client.ts';
import type { Tensor } from '../shared/tensor.ts';
import { expectSame } from './fixtures/jobs.ts';
import { expect, test } from './fixtures/test.ts';

async function postStaged(
  client: IdlewaveClient,
  stages: number,
  items: number,
): Promise<{ job: Job; truth: () => ReturnType<typeof runDirectly> }> {
  const digits = await loadDigits();
  const model = readModel(digits.model);
  assert(model.ok, 'the digit model cannot be read');
  const plan = planStages(model.value, { stages });
  assert(plan.ok, 'the digit model cannot be cut');
  const images: Tensor = pickDigits(digits, items, stages).images;
  const job = await client.submit({
    name: `digits in ${stages} stages`,
    program: { stages: emitStages(model.value, plan.value).map(({ bytes }) => bytes) },
    inputs: { stacked: { image: images } },
    itemsPerShard: 16,
  });
  return { job, truth: () => runDirectly(digits.model, images) };
}

for (const stages of [2, 3]) {
  test(`${stages} stages in ${stages} tabs`, async ({ client, volunteers }) => {
    const pages = [];
    for (let i = 0; i < stages; i++) pages.push(await volunteers.join());
    const { job, truth } = await postStaged(client, stages, 512);
    await expectSame(job, await truth());
    for (const page of pages) page.expectNothingForeign();
    expect(job.view.executions).toMatchObject({ byHosts: 512, disagreed: 0 });
  });
}
