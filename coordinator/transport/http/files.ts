/** Routes of files, in the shape of OpenAI's Files API. */
import { createRoute, z } from '@hono/zod-openapi';
import { MAX_FILE_BYTES, MAX_NAME_CHARS } from '../../../shared/limits.ts';
import {
  deletedFileSchema,
  fileViewSchema,
  listOf,
  type FileView,
} from '../../../shared/protocol/batches.ts';
import type { AuthorRecord } from '../../store/authorRecords.ts';
import { requireAuthor } from './auth.ts';
import {
  boundedBody,
  idParams,
  jsonResponse,
  newApp,
  problemResponse,
  rawResponse,
  refuse,
  type App,
  type AppContext,
  type HttpDeps,
} from './context.ts';
import { afterQuery, listing } from './listing.ts';

const JSONL = 'application/jsonl';
/** What a form has around its file. */
const MAX_FORM_BYTES = 64 * 1024;

export function fileRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { files, store } = deps;
  app.use('/v1/files', requireAuthor(deps));
  app.use('/v1/files/*', requireAuthor(deps));

  const fileOf = async (c: AppContext, id: string): Promise<AuthorRecord<'file'>> => {
    const { kind, key } = c.get('principal');
    const file = await files.find(kind === 'operator' ? null : key, id);
    return file ?? refuse({ code: 'not-found', detail: 'you have no such file', came: id });
  };

  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/files',
    summary: 'Upload the requests of a batch, a line of JSON each',
    request: {
      body: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: z.object({ purpose: z.literal('batch'), file: z.string() }),
          },
        },
      },
    },
    responses: { 200: jsonResponse('The file', fileViewSchema), default: problemResponse },
  });
  app.post('/v1/files', async (c) => {
    const { filename, bytes } = await uploadOf(c.req.raw);
    const added = await files.add(c.get('principal').key, filename, bytes);
    return added.ok ? c.json(viewOf(added.value), 200) : refuse(added.error);
  });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/files',
      summary: 'Your files, newest first',
      request: { query: afterQuery },
      responses: { 200: jsonResponse('A page', listOf(fileViewSchema)), default: problemResponse },
    }),
    async (c) => {
      const { authorRecords } = store;
      return c.json(await listing(authorRecords, 'file', c, c.req.valid('query'), viewOf), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/files/{id}',
      summary: 'A file of yours',
      request: { params: idParams },
      responses: { 200: jsonResponse('The file', fileViewSchema), default: problemResponse },
    }),
    async (c) => c.json(viewOf(await fileOf(c, c.req.valid('param').id)), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/files/{id}/content',
      summary: 'What a file of yours holds',
      request: { params: idParams },
      responses: { 200: rawResponse('Its lines', JSONL), default: problemResponse },
    }),
    async (c) => {
      const { body } = await fileOf(c, c.req.valid('param').id);
      const bytes = await files.content(body.digest);
      return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': JSONL });
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/files/{id}',
      summary: 'Delete a file of yours; a batch of it goes on',
      request: { params: idParams },
      responses: { 200: jsonResponse('It is gone', deletedFileSchema), default: problemResponse },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      await files.delete(await fileOf(c, id));
      return c.json({ id, object: 'file' as const, deleted: true as const }, 200);
    },
  );
  return app;
}

const viewOf = ({ id, createdAtMs, body }: AuthorRecord<'file'>): FileView => ({
  id,
  object: 'file',
  bytes: body.bytes,
  created_at: Math.floor(createdAtMs / 1_000),
  filename: body.filename,
  purpose: body.purpose,
  status: 'processed',
});

/** The fields `purpose` and `file` of a form. */
async function uploadOf(request: Request): Promise<{ filename: string; bytes: Uint8Array }> {
  const fix = 'make several batches of it';
  const body = await boundedBody(request, MAX_FILE_BYTES + MAX_FORM_BYTES, fix);
  const headers = { 'Content-Type': request.headers.get('Content-Type') ?? '' };
  const form = await new Response(body, { headers }).formData().catch(() => null);
  if (form === null) {
    return refuse({
      code: 'wrong-content-type',
      detail: 'the body is no form',
      expected: 'multipart/form-data with the fields "purpose" and "file"',
    });
  }
  const [purpose, file] = [form.get('purpose'), form.get('file')];
  if (purpose !== 'batch') {
    const came = typeof purpose === 'string' ? purpose.slice(0, 40) : 'nothing';
    const detail = 'files are for batches here';
    return refuse({ code: 'invalid-field', detail, field: 'purpose', expected: '"batch"', came });
  }
  if (file === null || typeof file === 'string') {
    const detail = 'the form has no file';
    return refuse({
      code: 'invalid-field',
      detail,
      field: 'file',
      expected: 'a file of JSON lines',
    });
  }
  const filename = file.name.slice(0, MAX_NAME_CHARS);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.byteLength <= MAX_FILE_BYTES) return { filename, bytes };
  return refuse({
    code: 'body-too-large',
    detail: 'the file is too large',
    expected: `at most ${MAX_FILE_BYTES} bytes`,
    came: `${bytes.byteLength}`,
    fix: 'make several batches of it',
  });
}
