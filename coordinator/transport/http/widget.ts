/**
 * The frame of the widget at `/widget/`: one document, sent with where it may be shown and what it asks for.
 *
 * Who frames it is not believed: `frame-ancestors` names the registered origins of the site, and browsers hold the page
 * around it against them. What the request says of it (`from`) only chooses between the question and an explanation, which has no
 * script. Invariant: the question is sent without `frame-ancestors` of a registered site nowhere.
 */
import type { SiteId } from '../../../shared/ids.ts';
import { callerOf, newApp, type App, type HttpDeps } from './context.ts';

/** What the frame needs of a page that isolates itself by `Cross-Origin-Embedder-Policy`. */
const EMBEDDABLE: Readonly<Record<string, string>> = {
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Content-Type': 'text/html; charset=utf-8',
};
/** Interfaces that nothing in the frame uses. */
const PERMISSIONS =
  'camera=(), microphone=(), geolocation=(), screen-wake-lock=(), idle-detection=(), usb=(), serial=(), payment=(), storage-access=()';

const ASKING = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];
/** No script runs, so that it does not matter who shows it. */
const EXPLAINING = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";

const EMPTY_PLACEMENT = '<meta name="idlewave-placement" content="" />';

export interface WidgetPages {
  /** The built document, with an empty placement in it. */
  readonly frame: string;
  readonly unavailable: string;
}

export function widgetRoutes({ frame, unavailable }: WidgetPages, deps: HttpDeps): App {
  const { sites } = deps.engine.communities;
  const app = newApp();
  app.get('/widget/', (c) => {
    const { site: id = '', from } = c.req.query();
    const site = sites.find(id as SiteId);
    for (const [name, value] of Object.entries(EMBEDDABLE)) c.header(name, value);
    c.header('Permissions-Policy', PERMISSIONS);
    // Our own page shows owners how it looks.
    const origins = [...(site?.origins ?? []), callerOf(deps.callers, c).origin];
    if (site === null || (from !== undefined && !origins.includes(from))) {
      c.header('Content-Security-Policy', EXPLAINING);
      return c.body(unavailable, 200);
    }
    const { name, proposedPercent } = site;
    const placement = { site: { id: site.id, name, proposedPercent }, host: from ?? null };
    // Without a page around it, it is the window that confirms, and nobody may frame that.
    const ancestors = from === undefined ? "'none'" : origins.join(' ');
    c.header('Content-Security-Policy', [...ASKING, `frame-ancestors ${ancestors}`].join('; '));
    return c.body(
      frame.replace(EMPTY_PLACEMENT, () => metaOf(placement)),
      200,
    );
  });
  return app;
}

const metaOf = (placement: object): string =>
  `<meta name="idlewave-placement" content="${escaped(JSON.stringify(placement))}" />`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escaped = (text: string): string => text.replace(/[&<>"]/g, (it) => ENTITIES[it]!);
