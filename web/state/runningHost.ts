/**
 * A host with the browser's socket, key, cache, worker and peers put together.
 *
 * Loaded when it is wanted: a visitor who only looks fetches none of it.
 */
import { regionOf } from '../../shared/region.ts';
import { spawnComputeWorker } from '../compute/browserWorker.ts';
import { ComputeSupervisor } from '../compute/supervisor.ts';
import { connectBrowserLink } from '../volunteer/browserSocket.ts';
import type { EmitHostEvent } from '../volunteer/events.ts';
import { Host } from '../volunteer/host.ts';
import type { Clock, Identity } from '../volunteer/ports.ts';
import { browserBlobs } from './browserBlobs.ts';
import { browserRoutes } from './browserRoutes.ts';
import { meteredLink, meteredPeers, type DataMeter } from './controls/dataMeter.ts';
import type { VolunteerControls } from './controls/volunteerControls.ts';
import type { WorkSamples } from './workSamples.ts';

export interface Running {
  readonly host: Host;
  readonly compute: ComputeSupervisor;
}

export interface RunningOptions {
  /** The coordinator's address. */
  readonly url: string;
  readonly agent: string;
  readonly site?: string | null;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly controls: VolunteerControls;
  readonly meter: DataMeter;
  /** Nothing may go over the line, the link itself included. */
  readonly isLineBarred: () => boolean;
  readonly samples: WorkSamples;
  readonly emit: EmitHostEvent;
}

const BYTES_PER_MB = 1e6;

export function runningHost(options: RunningOptions): Running {
  const { url, agent, identity, clock, controls, meter, isLineBarred, samples, emit } = options;
  const compute = new ComputeSupervisor({
    spawn: spawnComputeWorker,
    nowMs: () => clock.nowMs(),
    after: (delayMs, fire) => clock.after(delayMs, fire),
    onDuty: (report) => {
      controls.noteDuty(report);
    },
    memoryCapBytes: () => {
      const { memoryCapMb } = controls.view.settings;
      return memoryCapMb === null ? null : memoryCapMb * BYTES_PER_MB;
    },
  });
  const { blobs, swarms } = browserBlobs(url, clock, meter, isLineBarred, emit);
  const host = new Host(
    {
      url,
      connect: meteredLink(meter, connectBrowserLink),
      compute,
      identity,
      blobs,
      clock,
      peers: meteredPeers(meter, browserRoutes(url)),
      swarms,
      random: Math.random,
      look: (work) => {
        samples.take(work);
      },
      wishes: () => controls.view.settings.wishes,
      agent,
      site: options.site ?? null,
      region: () => {
        const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
        return controls.view.settings.tellsRegion ? regionOf(timeZone) : null;
      },
    },
    emit,
  );
  return { host, compute };
}
