/**
 * What the coordinator tells everybody of the network, asked for again and again while the page is visible.
 */
import { z } from 'zod';
import { openJobsSchema, type OpenJobs } from '../../shared/protocol/openJobs.ts';

const networkSchema = z.object({
  hosts: z.number(),
  contributors: z.number(),
  jobsRunning: z.number(),
  itemsPerSecond: z.number(),
});
export type Network = z.infer<typeof networkSchema>;

const EVERY_MS = 5_000;
const DEADLINE_MS = 8_000;

/** Tells the latest figures, or null while the coordinator does not answer; the result ends it. */
export const watchNetwork = (tell: (network: Network | null) => void): (() => void) =>
  watch('/v1/network', networkSchema, tell);

/** Likewise, the jobs that are open to volunteers. */
export const watchOpenJobs = (tell: (jobs: OpenJobs | null) => void): (() => void) =>
  watch('/v1/network/jobs', openJobsSchema, tell);

function watch<T>(
  path: string,
  schema: z.ZodType<T>,
  tell: (answer: T | null) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const ask = async (): Promise<void> => {
    if (document.visibilityState === 'visible') {
      const answer = await fetchAnswer(path, schema);
      if (ended) return;
      tell(answer);
    }
    timer = setTimeout(() => void ask(), EVERY_MS);
  };
  void ask();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

async function fetchAnswer<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(DEADLINE_MS) });
    const parsed = schema.safeParse(await response.json());
    return response.ok && parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
