/**
 * The Open Inference Protocol, version 2, over HTTP: published models as a server of models has them. Refusals under
 * `/v2` are the protocol's, not problem details.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { MAX_INFERENCE_BYTES } from '../../../shared/limits.ts';
import {
  INFERENCE_HEADER_LENGTH,
  INFERENCE_JOB_HEADER,
  inferenceErrorSchema,
  inferenceRequestSchema,
  inferenceResponseSchema,
  modelMetadataSchema,
  modelNameSchema,
  serverMetadataSchema,
  type ModelMetadata,
} from '../../../shared/protocol/models.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import type { JobProgram } from '../../../shared/protocol/program.ts';
import { readInference } from '../../serving/inferenceRequest.ts';
import { writeInference } from '../../serving/inferenceResponse.ts';
import type { NamedModel } from '../../serving/models.ts';
import { requireAuthor } from './auth.ts';
import {
  boundedBody,
  jsonResponse,
  newApp,
  rawResponse,
  refuse,
  type App,
  type AppContext,
  type HttpDeps,
} from './context.ts';
import { tensorsOf } from './models.ts';

/** Of the interface, not of the program. */
const SERVER = { name: 'idlewave', version: '1', extensions: ['binary_tensor_data'] };
const BYTES = 'application/octet-stream';

const errorResponse = jsonResponse('Refused, in words', inferenceErrorSchema);
const health = (field: 'live' | 'ready') => z.object({ live: z.boolean(), [field]: z.boolean() });

export function openInferenceRoutes(deps: HttpDeps): App {
  const app = newApp();
  const { engine, models, modelServer } = deps;
  const isLive = () => !engine.isStopped;
  const stopped: Problem = { code: 'not-ready', detail: 'the coordinator has stopped' };

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v2',
      summary: 'Open Inference Protocol: this server',
      responses: { 200: jsonResponse('The server', serverMetadataSchema), default: errorResponse },
    }),
    (c) => c.json(SERVER, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v2/health/live',
      summary: 'Open Inference Protocol: it takes requests',
      responses: { 200: jsonResponse('It does', health('live')), default: errorResponse },
    }),
    (c) => (isLive() ? c.json({ live: true }, 200) : refuse(stopped)),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v2/health/ready',
      summary: 'Open Inference Protocol: it takes requests',
      responses: { 200: jsonResponse('It does', health('ready')), default: errorResponse },
    }),
    (c) => (isLive() ? c.json({ live: true, ready: true }, 200) : refuse(stopped)),
  );

  for (const { under, params } of PLACES) {
    const find = async (c: AppContext): Promise<NamedModel> => {
      // Checked by the schema of the path.
      const { name = '', version = null } = c.req.param() as { name?: string; version?: string };
      const found = await models.find(name, version);
      return found.ok ? found.value : refuse(found.error);
    };

    app.openapi(
      createRoute({
        method: 'get',
        path: under,
        summary: 'Open Inference Protocol: what a model takes and gives',
        request: { params },
        responses: { 200: jsonResponse('The model', modelMetadataSchema), default: errorResponse },
      }),
      async (c) => c.json(metadataOf(await find(c)), 200),
    );

    const readiness = z.object({ name: z.string(), ready: z.boolean() });
    app.openapi(
      createRoute({
        method: 'get',
        path: `${under}/ready`,
        summary: 'Open Inference Protocol: whether volunteers are here that could run a model',
        request: { params },
        responses: {
          200: jsonResponse('They are', readiness),
          409: jsonResponse('Nobody is: the protocol says it with 4xx', readiness),
          default: errorResponse,
        },
      }),
      async (c) => {
        const model = await find(c);
        const ready = await modelServer.isReady(model);
        return c.json({ name: model.name, ready }, ready ? 200 : 409);
      },
    );

    app.use(`${under.replaceAll(/\{(\w+)\}/g, ':$1')}/infer`, requireAuthor(deps));
    app.openAPIRegistry.registerPath({
      method: 'post',
      path: `${under}/infer`,
      summary:
        'Open Inference Protocol: run a model on the volunteers, and wait for verified outputs',
      request: {
        params,
        headers: z.object({ [INFERENCE_HEADER_LENGTH.toLowerCase()]: z.string().optional() }),
        body: {
          required: true,
          content: {
            'application/json': { schema: inferenceRequestSchema },
            [BYTES]: { schema: z.string() },
          },
        },
      },
      responses: {
        200: {
          description: 'The outputs',
          content: {
            ...jsonResponse('', inferenceResponseSchema).content,
            ...rawResponse('', BYTES).content,
          },
        },
        default: errorResponse,
      },
    });
    app.post(`${under.replaceAll(/\{(\w+)\}/g, ':$1')}/infer`, async (c) => {
      const checked = params.safeParse(c.req.param());
      if (!checked.success)
        return refuse({ code: 'malformed-path', detail: 'no model has such a name' });
      const model = await find(c);
      const fix = 'ask for fewer items at once, or post a job';
      const body = await boundedBody(c.req.raw, MAX_INFERENCE_BYTES, fix);
      const headerLength = c.req.header(INFERENCE_HEADER_LENGTH) ?? null;
      const call = readInference(body, headerLength, model.version);
      if (!call.ok) return refuse(call.error);
      const gone = c.req.raw.signal;
      const inferred = await modelServer.infer(c.get('principal'), model, call.value, gone);
      if (!inferred.ok) return refuse(inferred.error);
      const written = writeInference(model, call.value, inferred.value.outputs);
      if (!written.ok) return refuse(written.error);
      const { json, tail } = written.value;
      c.header(INFERENCE_JOB_HEADER, inferred.value.job.id);
      if (tail.length === 0) return c.body(json, 200, { 'Content-Type': 'application/json' });
      const head = Buffer.from(json);
      c.header(INFERENCE_HEADER_LENGTH, String(head.byteLength));
      return c.body(Buffer.concat([head, ...tail]), 200, { 'Content-Type': BYTES });
    });
  }
  return app;
}

/** With a version, and without: then it is the newest. */
const PLACES = [
  { under: '/v2/models/{name}', params: z.object({ name: modelNameSchema }) },
  {
    under: '/v2/models/{name}/versions/{version}',
    params: z.object({ name: modelNameSchema, version: z.string().regex(/^[1-9]\d{0,8}$/) }),
  },
] as const;

/** As Triton names what runs a model. */
const PLATFORMS: Readonly<Record<JobProgram['kind'], string>> = {
  onnx: 'onnxruntime_onnx',
  staged: 'onnxruntime_onnx',
  kernel: 'idlewave_wgsl',
  wgsl: 'idlewave_wgsl',
};

const metadataOf = ({ name, version, versions }: NamedModel): ModelMetadata => ({
  name,
  versions: versions.map(String),
  platform: PLATFORMS[version.template.program.kind],
  inputs: tensorsOf(version.inputs),
  outputs: tensorsOf(version.known.facts.outputs),
});
