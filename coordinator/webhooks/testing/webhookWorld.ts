/** Webhooks beside a real engine on one memory: jobs end, posts are answered as a test says, and the process dies. */
import { randomBytes } from 'node:crypto';
import type { JobId, KeyId } from '../../../shared/ids.ts';
import type { WebhookEventType } from '../../../shared/protocol/webhooks.ts';
import { assert } from '../../../shared/result.ts';
import type { WebhookNetworks } from '../../../shared/webhookNetworks.ts';
import { EngineRig } from '../../engine/testing/engineRig.ts';
import { MemoryData, openMemoryStore } from '../../store/memoryStore.ts';
import type { AuthorRecords } from '../../store/authorRecords.ts';
import type { EndpointRecord } from '../endpoints.ts';
import { Webhooks } from '../webhooks.ts';
import { RecordingPosts } from './recordingPosts.ts';

/** Of the rig's jobs. */
export const AUTHOR = 'key_1' as KeyId;

export class WebhookWorld {
  readonly posts = new RecordingPosts();
  readonly rig: EngineRig;
  readonly logged: string[] = [];
  networks: WebhookNetworks = 'public';
  webhooks!: Webhooks;
  records!: AuthorRecords;
  #jobs = 0;

  constructor() {
    const data = new MemoryData();
    this.rig = new EngineRig({
      data,
      open: async () => {
        const store = await openMemoryStore(data);
        this.records = store.authorRecords;
        this.webhooks = new Webhooks({
          records: this.records,
          transport: this.posts,
          networks: this.networks,
          now: () => this.rig.nowMs,
          random: randomBytes,
          chance: () => 0.5,
          log: (event) => void this.logged.push(event),
        });
        await this.webhooks.start();
        return store;
      },
      jobEnds: {
        eventOf: (job) => this.webhooks.eventOf(job),
        committed: (event) => this.webhooks.committed(event),
      },
    });
  }

  async endpoint(events?: readonly WebhookEventType[], path = ''): Promise<EndpointRecord> {
    const url = `https://a.example/${path}`;
    const created = await this.webhooks.endpoints.create(AUTHOR, {
      url,
      ...(events === undefined ? {} : { events: [...events] }),
    });
    assert(created.ok, 'an endpoint that may be registered');
    return created.value;
  }

  /** A job that is posted and cancelled. */
  async cancelledJob(): Promise<JobId> {
    const id = `job_${(this.#jobs += 1)}` as JobId;
    await this.rig.post({ id });
    await this.rig.engine.jobs.cancel(id);
    await this.quiet();
    return id;
  }

  async sweep(afterMs: number): Promise<void> {
    this.rig.nowMs += afterMs;
    this.webhooks.sweep();
    await this.quiet();
  }

  async quiet(): Promise<void> {
    await this.rig.quiet();
    await this.rig.quiet();
  }

  /** What the store has is all that is left. */
  async killed(): Promise<void> {
    await this.rig.restart();
    await this.quiet();
  }
}
