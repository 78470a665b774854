/**
 * What the frame of a widget and the page around it say to each other: one definition for both ends, without a library,
 * since the loader is part of other people's pages.
 *
 * Invariant: nothing here can start a computation. The page may say how the frame is to look, and no more.
 */
export const WIDGET_PROTOCOL = 1;

export const WIDGET_SIZES = ['small', 'medium', 'large', 'badge'] as const;
export type WidgetSize = (typeof WIDGET_SIZES)[number];
export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** CSS pixels that the frame may ask for; the loader keeps to them whatever comes. */
export const MIN_FRAME_PX = 40;
export const MAX_FRAME_PX = 1_200;
const MAX_REASON_CHARS = 40;
const MAX_DIGITS = 30;

/** The page to its frame. */
export interface LookMessage {
  readonly type: 'look';
  readonly theme: Theme;
  readonly size: WidgetSize;
}

/** The frame to its page. The events of the element are these types but the first two. */
export type FrameMessage =
  /** The frame is alive. */
  | { readonly type: 'ready' }
  | { readonly type: 'resize'; readonly height: number }
  | { readonly type: 'started' }
  /** `reason`: a word such as `hidden`, `battery` or `person`. */
  | { readonly type: 'paused'; readonly reason: string }
  | { readonly type: 'stopped' }
  /** Micro-credits as decimal digits: of this credit, and of the visit so far. */
  | { readonly type: 'credit'; readonly microCredits: string; readonly visitMicroCredits: string };

type Envelope<T> = T & { readonly idlewave: typeof WIDGET_PROTOCOL };

export const enveloped = <T extends LookMessage | FrameMessage>(message: T): Envelope<T> => ({
  idlewave: WIDGET_PROTOCOL,
  ...message,
});

/** A message of the page; null where it is none. */
export function readLook(data: unknown): LookMessage | null {
  const fields = fieldsOf(data);
  if (fields?.['type'] !== 'look') return null;
  const theme = oneOf(THEMES, fields['theme']);
  const size = oneOf(WIDGET_SIZES, fields['size']);
  return theme === null || size === null ? null : { type: 'look', theme, size };
}

/** A message of the frame; null where it is none. Fields that it does not know are left behind. */
export function readFrameMessage(data: unknown): FrameMessage | null {
  const fields = fieldsOf(data);
  switch (fields?.['type']) {
    case 'ready':
    case 'started':
    case 'stopped':
      return { type: fields['type'] };
    case 'resize': {
      const { height } = fields;
      if (typeof height !== 'number' || !Number.isFinite(height)) return null;
      return { type: 'resize', height: Math.min(Math.max(height, MIN_FRAME_PX), MAX_FRAME_PX) };
    }
    case 'paused': {
      const { reason } = fields;
      const isWord =
        typeof reason === 'string' && reason.length <= MAX_REASON_CHARS && /^[a-z-]+$/.test(reason);
      return isWord ? { type: 'paused', reason } : null;
    }
    case 'credit': {
      const { microCredits, visitMicroCredits } = fields;
      if (!isDigits(microCredits) || !isDigits(visitMicroCredits)) return null;
      return { type: 'credit', microCredits, visitMicroCredits };
    }
    default:
      return null;
  }
}

export const oneOf = <T extends string>(known: readonly T[], value: unknown): T | null =>
  known.find((it) => it === value) ?? null;

const isDigits = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_DIGITS && /^\d+$/.test(value);

function fieldsOf(data: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof data !== 'object' || data === null) return null;
  const fields = data as Readonly<Record<string, unknown>>;
  return fields['idlewave'] === WIDGET_PROTOCOL ? fields : null;
}
