/**
 * Uploads that go on where they were cut off: tus 1.0 under `/v1/uploads`, one for each digest and author, so that who begins
 * again needs to remember nothing. What has come whole, and has the digest, becomes a blob.
 */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { isDigest } from '../../../shared/digest.ts';
import { MAX_BLOB_BYTES, MAX_OPEN_UPLOADS, UPLOAD_KEPT_MS } from '../../../shared/limits.ts';
import { PROBLEM_STATUS, type ProblemCode } from '../../../shared/protocol/problem.ts';
import { requireAuthor } from './auth.ts';
import { newApp, problemBody, refuse, type App, type HttpDeps } from './context.ts';

export const UPLOADS_PATH = '/v1/uploads';
/** Who uploads, for the server of uploads alone: it is set here whatever came. */
const OWNER = 'Idlewave-Owner';

export function uploadRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { uploads } = deps.blobs;
  const server = uploads === null ? null : uploadServer(deps, uploads);
  const answer = async (request: Request, owner: string): Promise<Response> => {
    if (server === null) {
      return refuse({
        code: 'not-found',
        detail: 'this coordinator keeps its blobs in memory, and takes them whole',
        fix: 'send the bytes at once: PUT /v1/blobs/{sha256}',
      });
    }
    const response = await server.handleWeb(ownedBy(request, owner));
    const location = response.headers.get('Location');
    if (location !== null) response.headers.set('Location', location.replace(`${owner}.`, ''));
    return response.status < 400 ? response : refusal(response);
  };
  for (const path of [UPLOADS_PATH, `${UPLOADS_PATH}/:digest`]) {
    app.all(path, requireAuthor(deps), (c) => {
      const principal = c.get('principal');
      return answer(c.req.raw, principal.kind === 'operator' ? 'operator' : principal.key);
    });
  }
  return app;
}

function uploadServer({ blobs }: HttpDeps, directory: string): Server {
  const store = new FileStore({ directory, expirationPeriodInMilliseconds: UPLOAD_KEPT_MS });
  return new Server({
    path: UPLOADS_PATH,
    datastore: store,
    maxSize: MAX_BLOB_BYTES,
    // As `ownedBy` wrote it: what else an address may hold is nobody's upload.
    getFileIdFromRequest: ({ url }) => new URL(url).pathname.slice(UPLOADS_PATH.length + 1),
    relativeLocation: true,
    async namingFunction(request, metadata) {
      const digest = metadata?.['digest'] ?? '';
      if (!isDigest(digest)) throw new Refused(422, NO_DIGEST);
      // Another request may be at it: what it removed is gone.
      await store.deleteExpired().catch(() => undefined);
      const owner = request.headers.get(OWNER)!;
      const open = (await readdir(directory)).filter((name) => name.startsWith(`${owner}.`));
      // Each has a file beside it that describes it.
      if (open.length / 2 >= MAX_OPEN_UPLOADS) {
        throw new Refused(409, `${MAX_OPEN_UPLOADS} uploads are open: finish one, or wait a day`);
      }
      return `${owner}.${digest}`;
    },
    async onUploadFinish(_, { id }) {
      const digest = id.split('.').at(-1)!;
      if (!isDigest(digest)) throw new Refused(404, 'there is no such upload');
      const put = await blobs.put(createReadStream(join(directory, id)), digest, MAX_BLOB_BYTES);
      // Wrong or right, it is not needed any more: what is wrong is begun anew.
      await store.remove(id);
      if (!put.ok) throw new Refused(422, 'what came does not have the digest: begin it anew');
      return {};
    },
  });
}

/** As the server of uploads takes a refusal: by the names of its fields. */
class Refused extends Error {
  override name = 'Refused';
  readonly status_code: number;
  readonly body: string;

  constructor(status: number, body: string) {
    super(body);
    this.status_code = status;
    this.body = body;
  }
}

/** The author's own, under the name that it has among those of all. */
function ownedBy(request: Request, owner: string): Request {
  const url = new URL(request.url);
  const digest = url.pathname.slice(UPLOADS_PATH.length + 1);
  if (digest !== '' && !isDigest(digest)) refuse({ code: 'malformed-path', detail: NO_DIGEST });
  url.pathname = digest === '' ? UPLOADS_PATH : `${UPLOADS_PATH}/${owner}.${digest}`;
  url.search = '';
  const headers = new Headers(request.headers);
  headers.set(OWNER, owner);
  const { method, body, signal } = request;
  const init = { method, headers, body, signal, duplex: 'half' };
  return new Request(url, init as RequestInit);
}

const NO_DIGEST = 'an upload is named by a digest: 64 lower-case hex digits';

const CODES: readonly ProblemCode[] = [
  'not-found',
  'upload-offset',
  'upload-gone',
  'body-too-large',
  'wrong-content-type',
  'digest-mismatch',
  'upload-locked',
];

/** As problem details; clients of tus look at the status, which stays. */
async function refusal(response: Response): Promise<Response> {
  const code = CODES.find((it) => PROBLEM_STATUS[it] === response.status) ?? 'upload-refused';
  const detail = (await response.text()).trim() || 'the upload was refused';
  const problem = problemBody({ code, detail });
  const headers = new Headers(response.headers);
  for (const [name, value] of problem.headers) headers.set(name, value);
  headers.delete('Content-Length');
  return new Response(problem.body, { status: response.status, headers });
}
