/**
 * The page's side of the gallery's worker: spawned by the first run, ended with the page, replaced when it dies.
 *
 * Invariant: every run ends. What is pending when the worker dies or says nothing ends as `failed`.
 */
import type { GalleryEvent, GalleryRequest } from './messages.ts';

/** A worker, however it was made. */
export interface SpawnedGallery {
  ask(request: GalleryRequest): void;
  onEvent(listener: (event: GalleryEvent) => void): void;
  onDeath(listener: (message: string) => void): void;
  terminate(): void;
}

export interface GalleryRunnerPorts {
  spawn(): SpawnedGallery;
  /** Calls `fire` once, later; the result calls it off. */
  after(delayMs: number, fire: () => void): () => void;
}

/** Longer than a device is waited for, 30 s, than one way of a kernel takes, and than the reference for one item. */
export const MAX_SILENCE_MS = 60_000;

export class GalleryRunner {
  readonly #ports: GalleryRunnerPorts;
  #worker: SpawnedGallery | null = null;
  #listener: ((event: GalleryEvent) => void) | null = null;
  #cancelWatch: () => void = () => undefined;

  constructor(ports: GalleryRunnerPorts) {
    this.#ports = ports;
  }

  get isRunning(): boolean {
    return this.#listener !== null;
  }

  /** One at a time. The last event is `done` or `failed`, unless `close` comes before. */
  run(request: GalleryRequest, onEvent: (event: GalleryEvent) => void): void {
    if (this.isRunning) return;
    this.#listener = onEvent;
    this.#worker ??= this.#spawned();
    this.#watch();
    this.#worker.ask(request);
  }

  /** Ends the worker, and the run without another event. */
  close(): void {
    this.#cancelWatch();
    this.#listener = null;
    this.#worker?.terminate();
    this.#worker = null;
  }

  #spawned(): SpawnedGallery {
    const worker = this.#ports.spawn();
    worker.onEvent((event) => {
      if (this.#worker === worker) this.#hear(event);
    });
    worker.onDeath((message) => {
      if (this.#worker === worker) this.#bury('broken', message);
    });
    return worker;
  }

  #hear(event: GalleryEvent): void {
    const listener = this.#listener;
    if (listener === null) return;
    this.#cancelWatch();
    if (event.kind === 'done' || event.kind === 'failed') this.#listener = null;
    else this.#watch();
    listener(event);
  }

  #watch(): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#ports.after(MAX_SILENCE_MS, () => this.#bury('silent', ''));
  }

  #bury(reason: 'broken' | 'silent', message: string): void {
    const listener = this.#listener;
    this.close();
    listener?.({ kind: 'failed', reason, message });
  }
}

function spawnInBrowser(): SpawnedGallery {
  const worker = new Worker(new URL('./galleryWorker.ts', import.meta.url), { type: 'module' });
  return {
    ask: (request) => worker.postMessage(request),
    onEvent: (listener) => {
      worker.onmessage = ({ data }: MessageEvent<GalleryEvent>) => listener(data);
    },
    onDeath: (listener) => {
      // A script that cannot be fetched has no message.
      worker.onerror = (event: Event) => listener(event instanceof ErrorEvent ? event.message : '');
    },
    terminate: () => worker.terminate(),
  };
}

export const browserGallery = (): GalleryRunner =>
  new GalleryRunner({
    spawn: spawnInBrowser,
    after(delayMs, fire) {
      const timer = setTimeout(fire, delayMs);
      return () => clearTimeout(timer);
    },
  });
