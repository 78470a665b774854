/**
 * Spawns the compute worker in a browser, for the supervisor.
 */
import { messageOf } from '../../shared/result.ts';
import type { SpawnedWorker } from './supervisor.ts';

export function spawnComputeWorker(): SpawnedWorker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: 'idlewave-compute',
  });
  return {
    endpoint: worker,
    onDeath(listener) {
      worker.addEventListener('error', (event) => {
        // Without a message the script itself could not be loaded.
        listener(event.message ? messageOf(event.message) : 'its script could not be loaded');
      });
      worker.addEventListener('messageerror', () => {
        listener('a message could not be read');
      });
    },
    terminate: () => {
      worker.terminate();
    },
  };
}
