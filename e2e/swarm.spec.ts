/**
 * A model of 64 MiB for eight tabs: it travels between them, the coordinator sends little more than one copy, and a tab
 * that passes on spoiled chunks is cut off while everybody computes the right thing.
 */
import type { Page } from '@playwright/test';
import { directRun } from '../sdk/acceptance/testing/directRun.ts';
import type { IdlewaveClient, Job } from '../sdk/client.ts';
import { expectSame } from './fixtures/jobs.ts';
import { largeModel, type LargeModel } from './fixtures/largeModel.ts';
import { expect, test } from './fixtures/test.ts';
import type { ContributePage } from './pages/contributePage.ts';

const ITEMS = 96;
const MOST_COPIES = 2.5;

const postLarge = (client: IdlewaveClient, { bytes, stacked }: LargeModel): Promise<Job> =>
  client.submit({
    name: 'a large model',
    program: { onnx: bytes },
    inputs: { stacked },
    itemsPerShard: 1,
  });

/** The one value of a metric without labels. */
async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

const downloaded = (tab: ContributePage): Promise<void> => tab.expectMore('shards', 0);

test('eight tabs: the coordinator sends at most two and a half copies', async ({
  client,
  coordinator,
  volunteers,
}) => {
  const model = largeModel(ITEMS);
  const tabs = await Promise.all(Array.from({ length: 8 }, () => volunteers.join()));
  const job = await postLarge(client, model);
  await Promise.all(tabs.map(downloaded));
  const sent = await metric(coordinator.url, 'idlewave_blob_sent_bytes_total');
  const passed = await metric(coordinator.url, 'idlewave_blob_peer_bytes_total');
  expect(sent).toBeLessThanOrEqual(MOST_COPIES * model.bytes.length);
  expect(sent + passed).toBeGreaterThanOrEqual(7 * model.bytes.length);
  await expectSame(job, await directRun(model.bytes, model.stacked, { x: model.dims }));
  for (const tab of tabs) tab.expectNothingForeign();
});

/** In the page: every chunk that it passes on has one byte changed, on its way to the worker that sends it. */
function spoilChunks(): void {
  interface Sent {
    readonly type: string;
    readonly message?: {
      readonly descriptor: { readonly type?: string } | null;
      readonly tensors: Readonly<Record<string, { readonly bytes: Uint8Array }>>;
    };
  }
  const post = Worker.prototype.postMessage as (...args: unknown[]) => void;
  Worker.prototype.postMessage = function (this: Worker, ...args: unknown[]): void {
    const commands = Array.isArray(args[0]) ? (args[0] as Sent[]) : [];
    for (const { message } of commands) {
      if (message?.descriptor?.type !== 'chunk') continue;
      for (const { bytes } of Object.values(message.tensors)) bytes[bytes.length >> 1]! ^= 1;
    }
    post.apply(this, args);
  };
}

async function spoiling(page: Page): Promise<void> {
  await page.addInitScript(spoilChunks);
}

test('a tab that spoils chunks is cut off, and nobody runs them', async ({
  client,
  coordinator,
  volunteers,
}) => {
  const model = largeModel(ITEMS);
  const spoiler = await volunteers.visit();
  await spoiling(spoiler.page);
  await spoiler.reload();
  const tabs = await Promise.all(Array.from({ length: 5 }, () => volunteers.join()));
  await spoiler.start();
  const job = await postLarge(client, model);
  await Promise.all(tabs.map(downloaded));
  expect(await metric(coordinator.url, 'idlewave_swarm_cut_offs_total')).toBeGreaterThan(0);
  await expectSame(job, await directRun(model.bytes, model.stacked, { x: model.dims }));
});
