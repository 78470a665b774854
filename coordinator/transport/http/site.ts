/**
 * The built web site: static files with their precompressed siblings and a strict content security policy.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { newApp, type App } from './context.ts';
import type { WidgetPages } from './widget.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};
const ENCODINGS = [
  { token: 'br', suffix: '.br' },
  { token: 'gzip', suffix: '.gz' },
] as const;

/** `wasm-unsafe-eval` lets WebAssembly compile; no script but our own files ever runs. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Files that carry their hash in the name, or a version in their folder's. */
const IMMUTABLE = /^\/(assets|ort\/[\d.]+)\//;

/** The loader of the widget, which every page may have. */
const WIDGET_LOADER = '/widget.js';
/** A worker of a document that embeds nothing foreign has to say the same of itself. */
const WORKER = /\.m?js$/;

const WIDGET_FRAME = '/widget/index.html';
const WIDGET_UNAVAILABLE = '/widget/unavailable.html';

export interface BuiltSite {
  readonly app: App;
  /** Null in a build without them. */
  readonly widget: WidgetPages | null;
}

interface SiteFile {
  readonly bytes: number;
  /** By its content; null of what never changes under its name. */
  readonly etag: string | null;
}

const etagOf = (bytes: Uint8Array): string =>
  `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;

/** Serves only what is there at start: no path from outside ever reaches the file system. */
export async function siteRoutes(folder: string): Promise<BuiltSite> {
  const directory = resolve(folder);
  const app = newApp();
  const files = new Map<string, SiteFile>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(directory.length).replaceAll('\\', '/');
    const { size } = await stat(path);
    const etag = IMMUTABLE.test(name) ? null : etagOf(await readFile(path));
    files.set(name, { bytes: size, etag });
  }
  app.get('*', async (c, next) => {
    const path = c.req.path === '/' ? '/index.html' : c.req.path;
    // The widget's documents are not files: where they may be shown is decided when they are asked for.
    if (!files.has(path) || path === WIDGET_FRAME || path === WIDGET_UNAVAILABLE) return next();
    const accepted = c.req.header('Accept-Encoding') ?? '';
    const encoding = ENCODINGS.find(
      ({ token, suffix }) => accepted.includes(token) && files.has(path + suffix),
    );
    const name = path + (encoding?.suffix ?? '');
    const file = files.get(name)!;
    c.header('Vary', 'Accept-Encoding');
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Content-Security-Policy', POLICY);
    c.header('Referrer-Policy', 'no-referrer');
    if (WORKER.test(path)) c.header('Cross-Origin-Embedder-Policy', 'require-corp');
    if (path === WIDGET_LOADER) {
      c.header('Access-Control-Allow-Origin', '*');
      c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    }
    c.header(
      'Cache-Control',
      IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    if (file.etag !== null) {
      c.header('ETag', file.etag);
      const known = c.req.header('If-None-Match')?.split(',') ?? [];
      if (known.some((tag) => tag.trim() === file.etag)) return c.body(null, 304);
    }
    c.header('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
    c.header('Content-Length', String(file.bytes));
    if (encoding !== undefined) c.header('Content-Encoding', encoding.token);
    if (c.req.method === 'HEAD') return c.body(null, 200);
    const bytes = Readable.toWeb(createReadStream(join(directory, name)));
    return c.body(bytes as ReadableStream<Uint8Array>, 200);
  });
  const read = (path: string): Promise<string> => readFile(join(directory, path), 'utf8');
  const hasWidget = files.has(WIDGET_FRAME) && files.has(WIDGET_UNAVAILABLE);
  const widget = hasWidget
    ? { frame: await read(WIDGET_FRAME), unavailable: await read(WIDGET_UNAVAILABLE) }
    : null;
  return { app, widget };
}
