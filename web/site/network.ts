/**
 * The line about the whole network: what GET /v1/network says, asked for again while the page is visible.
 */
import { z } from 'zod';

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
export function watchNetwork(tell: (network: Network | null) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const ask = async (): Promise<void> => {
    if (document.visibilityState === 'visible') {
      const network = await fetchNetwork();
      if (ended) return;
      tell(network);
    }
    timer = setTimeout(() => void ask(), EVERY_MS);
  };
  void ask();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

async function fetchNetwork(): Promise<Network | null> {
  try {
    const response = await fetch('/v1/network', { signal: AbortSignal.timeout(DEADLINE_MS) });
    const parsed = networkSchema.safeParse(await response.json());
    return response.ok && parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
