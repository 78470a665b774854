/**
 * What the server says of where this frame is: the site that it computes for, and the page's origin. It stands in the
 * document, so that nothing more is fetched before consent.
 *
 * Invariant: without it there is nothing to start.
 */
import { oneOf, THEMES, WIDGET_SIZES, type Theme, type WidgetSize } from '../messages.ts';

export interface WidgetSite {
  readonly id: string;
  readonly name: string;
  /** What it asks of its visitors' earnings. */
  readonly proposedPercent: number;
}

export interface Placement {
  readonly site: WidgetSite;
  /** Of the page around it; null in a window of its own. */
  readonly host: string | null;
}

/** The meta element that the server fills in. */
export const PLACEMENT_META = 'idlewave-placement';

/** Null where the document came without one, as from a file. */
export function placementOf(document: Document): Placement | null {
  const text = document.querySelector<HTMLMetaElement>(`meta[name=${PLACEMENT_META}]`)?.content;
  return text === undefined || text === '' ? null : (JSON.parse(text) as Placement);
}

export interface Look {
  readonly size: WidgetSize;
  readonly theme: Theme | null;
  /** The language of the page around it, as a BCP 47 tag; null where it says none. */
  readonly language: string | null;
}

export function lookOf(search: string): Look {
  const query = new URLSearchParams(search);
  return {
    size: oneOf(WIDGET_SIZES, query.get('size')) ?? 'medium',
    theme: oneOf(THEMES, query.get('theme')),
    language: query.get('language'),
  };
}
