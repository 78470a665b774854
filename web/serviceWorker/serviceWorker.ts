/**
 * The site's own service worker: keeps the files of its release, so that a page that computes goes on with what it was
 * loaded with when a coordinator is updated under it, and so that the page opens while the network is away.
 *
 * The first page comes from the network whenever that answers: nobody is kept on an old release. Invariant: it answers
 * for the first page and for files that carry their hash in the name; all else goes past it.
 */
import { cacheNameOf, cachesToForget } from './keptReleases.ts';

declare const self: ServiceWorkerGlobalScope;
/** Put in by vite.config.ts. */
declare const __RELEASE__: { readonly release: string; readonly files: readonly string[] };

const FIRST_PAGE = '/';

const { release, files } = __RELEASE__;
const name = cacheNameOf(release);

self.addEventListener('install', (event) => {
  event.waitUntil(keepFiles());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([forgetOldReleases(), self.clients.claim()]));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (pathname === FIRST_PAGE) event.respondWith(firstPage(request));
  } else if (pathname.startsWith('/assets/')) {
    event.respondWith(asset(request));
  }
});

/** Files with a hash the browser has mostly in its own cache already; the others are asked for anew. */
async function keepFiles(): Promise<void> {
  const cache = await caches.open(name);
  const fresh = (file: string): RequestCache =>
    file.startsWith('/assets/') ? 'default' : 'no-cache';
  await cache.addAll(files.map((file) => new Request(file, { cache: fresh(file) })));
  // Old tabs have their files still, so there is nothing to wait for.
  await self.skipWaiting();
}

async function forgetOldReleases(): Promise<void> {
  const old = cachesToForget(await caches.keys(), name);
  await Promise.all(old.map((it) => caches.delete(it)));
}

/** So long the network is waited for before what is kept is shown. */
const PATIENCE_MS = 5_000;

/** A proxy that stands before a coordinator which is away answers with 502 to 504. */
async function firstPage(request: Request): Promise<Response> {
  const kept = async () => (await caches.open(name)).match(FIRST_PAGE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.status < 500 ? answer : ((await kept()) ?? answer);
  } catch {
    return (await kept()) ?? Response.error();
  }
}

const asset = async (request: Request): Promise<Response> =>
  (await caches.match(request)) ?? fetch(request);
