/**
 * The gallery's worker: its own device, one run at a time, answered by events. Ends when the page ends it.
 *
 * Shares nothing with the worker that computes for others.
 */
import { DeviceOwner } from '../../kernels/runtime/deviceOwner.ts';
import type { AdapterDescription } from '../../kernels/runtime/adapterDescription.ts';
import type { GalleryEvent, GalleryRequest } from './messages.ts';
import { runGallery, type GalleryPorts } from './runGallery.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const { gpu } = navigator as { gpu?: GPU };
const owner = new DeviceOwner({ gpu, powerPreference: 'high-performance' });

const device: GalleryPorts['device'] = async () => {
  const ready = await owner.acquire();
  if (!ready.ok) return { device: null, reason: ready.error.reason };
  const { adapter } = ready.value;
  return { device: ready.value.device, name: nameOf(adapter), isSoftware: adapter.isSoftware };
};

function nameOf({ vendor, architecture, description }: AdapterDescription): string {
  const name = [vendor, architecture].filter((part) => part !== '').join(' ');
  return (name || description || 'GPU').slice(0, 120);
}

function emit(event: GalleryEvent): void {
  const moved = event.kind === 'pictures' ? event.pictures.map(({ rgba }) => rgba.buffer) : [];
  scope.postMessage(event, moved);
}

/** Runs take turns. */
let last: Promise<void> = Promise.resolve();
scope.onmessage = ({ data }: MessageEvent<GalleryRequest>) => {
  last = last.then(() => runGallery(data, { device, now: () => performance.now(), emit }));
};
