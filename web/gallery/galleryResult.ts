/** What a page knows of a kernel's run, gathered from its events. Pure. */
import type { GalleryEvent, GalleryRequest } from './messages.ts';

type Of<Kind extends GalleryEvent['kind']> = Extract<GalleryEvent, { kind: Kind }>;

/** Every part is null until it is known; some never are. */
export interface GalleryResult {
  readonly request: GalleryRequest;
  readonly state: 'running' | 'done' | 'failed';
  readonly device: Of<'device'> | Of<'no-gpu'> | null;
  readonly trying: Of<'trying'> | null;
  readonly timed: Of<'timed'> | null;
  readonly pictures: Of<'pictures'>['pictures'];
  readonly reference: Of<'reference'> | null;
  readonly check: Of<'check'> | null;
  readonly roof: Of<'roof'>['roof'] | null;
  readonly failure: Of<'failed'> | null;
}

export const begun = (request: GalleryRequest): GalleryResult => ({
  request,
  state: 'running',
  device: null,
  trying: null,
  timed: null,
  pictures: [],
  reference: null,
  check: null,
  roof: null,
  failure: null,
});

export function heard(result: GalleryResult, event: GalleryEvent): GalleryResult {
  switch (event.kind) {
    case 'device':
    case 'no-gpu':
      return { ...result, device: event };
    case 'trying':
      return { ...result, trying: event };
    case 'timed':
      return { ...result, timed: event };
    case 'pictures':
      return { ...result, pictures: event.pictures };
    case 'reference':
      return { ...result, reference: event };
    case 'check':
      return { ...result, check: event };
    case 'roof':
      return { ...result, roof: event.roof };
    case 'done':
      return { ...result, state: 'done' };
    case 'failed':
      return { ...result, state: 'failed', failure: event };
    default:
      return event satisfies never;
  }
}
