/**
 * The contract of the API, generated from its own description: every operation answers as it says, right requests and
 * wrong ones, and no malformed request makes it fail or tells one author of another.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_KEY_REQUESTS } from '../../../shared/limits.ts';
import { inferenceErrorSchema } from '../../../shared/protocol/models.ts';
import { problemSchema } from '../../../shared/protocol/problem.ts';
import { ContractWorld } from '../testing/contractWorld.ts';
import {
  ODD,
  faultOf,
  fits,
  fitting,
  operationsOf,
  spoiled,
  textOf,
  type ApiDescription,
  type Operation,
} from '../testing/openApi.ts';
import type { HttpRig, AskOptions } from '../testing/httpRig.ts';
import { EXAMPLES } from './examples.ts';

/** Wrong requests for each operation, and requests of any shape for all. */
const WRONG_EACH = 40;
const FUZZED = 10_000;
const FUZZ_SEED = 20_261_122;

let world: ContractWorld;
let http: HttpRig;
let operations: Operation[];
beforeAll(async () => {
  world = await ContractWorld.made();
  http = world.http;
  const description = await http.json<ApiDescription>('/openapi.json', { key: null });
  operations = operationsOf(description);
});
afterAll(() => http.close());

const pathWith = ({ path }: Operation, id: string): string => path.replaceAll(/\{\w+\}/g, () => id);

describe('every operation', () => {
  it('has a right request here, and there are no others', () => {
    expect(operations.map(({ name }) => name).sort()).toEqual([...world.right.keys()].sort());
  });

  it('is described, but for what other protocols define', () => {
    const OTHERS = ['GET /log/tile/*', 'GET /openapi.json', 'GET /v1/peers/{key}/id'];
    const routes = http.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const described = operations.map(({ name }) => name);
    expect([...new Set(routes)].sort()).toEqual([...described, ...OTHERS].sort());
  });

  it('shows an example of the body that it takes', () => {
    const shown = operations.filter(({ body }) => body !== null);
    const wrong = shown.filter(({ body, example }) => !fits(body!, example));
    expect(wrong.map(({ name, example }) => [name, example])).toEqual([]);
    expect(shown.map(({ name }) => name).sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  it('answers right requests as it is described', async () => {
    for (const [name, make] of world.right) {
      const operation = operations.find((it) => it.name === name)!;
      const { id = '', query = '', ...options } = await make();
      const path = `${pathWith(operation, id)}${query}`;
      const response = await http.ask(path, { method: operation.method, ...options });
      if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
      expect(await faultOf(operation, response), name).toBeNull();
    }
  });

  it('refuses wrong bodies as it is described, and never fails at one', async () => {
    for (const operation of operations.filter(({ body }) => body !== null)) {
      const id = world.idFor(operation);
      await fc.assert(
        fc.asyncProperty(spoiled(operation.body!), async (body) => {
          const options = { method: operation.method, body, key: http.keys.adminToken };
          const text = JSON.stringify(body);
          const response = await http.ask(pathWith(operation, id), { ...options, ...raw(text) });
          expect(response.status, `${operation.name} ${text}`).toBeLessThan(500);
          const isRight = fits(operation.body!, JSON.parse(text));
          if (!isRight) expect(response.status, `${operation.name} ${text}`).toBeGreaterThan(399);
          expect(await faultOf(operation, response), `${operation.name} ${text}`).toBeNull();
        }),
        { numRuns: WRONG_EACH, seed: FUZZ_SEED },
      );
    }
  });

  it('refuses wrong parameters as it is described, and never fails at one', async () => {
    for (const operation of operations.filter(({ parameters }) => parameters.length > 0)) {
      const anyValue = fc.oneof(
        fc.constantFrom(...ODD).map((odd) => (typeof odd === 'string' ? odd : JSON.stringify(odd))),
        fc.string({ unit: 'binary' }),
        ...operation.parameters.map(({ schema }) => fitting(schema).map(String)),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(anyValue, { minLength: 5, maxLength: 5 }), async (values) => {
          const next = (): string => wellFormed(values.pop() ?? '');
          const path = operation.path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(next()));
          const query = String(
            new URLSearchParams(
              operation.parameters
                .filter((it) => it.in === 'query')
                .map(({ name }): [string, string] => [name, next()]),
            ),
          );
          const key = http.keys.adminToken;
          const response = await http.ask(`${path}?${query}`, { method: operation.method, key });
          expect(response.status, `${operation.name} ${path}?${query}`).toBeLessThan(500);
          // A path that is another's, or nobody's, is answered as that.
          if (response.status !== 404 && response.status !== 405)
            expect(await faultOf(operation, response), `${path}?${query}`).toBeNull();
          else refusalCode(path, await response.json());
        }),
        { numRuns: WRONG_EACH, seed: FUZZ_SEED },
      );
    }
  });
});

describe(`${FUZZED} requests of any shape`, () => {
  const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];
  const TYPES = [
    'application/json',
    'text/plain',
    'application/octet-stream',
    'multipart/form-data',
  ];

  it('make nothing fail, are refused as problems, and tell no author of another', async () => {
    const junk = fc.oneof(
      fc.constant(undefined),
      fc.json(),
      fc.string({ unit: 'binary' }).map(wellFormed),
      fc.constantFrom('{', '{"a":', '\u0000', '['.repeat(500), `"${'x'.repeat(10_000)}"`),
      fc.uint8Array({ maxLength: 200 }),
    );
    /** Some of it as an operation takes it, so that it comes past the first checks. */
    const requestTo = (operation: Operation) => {
      const own = operation.body === null ? [] : [fitting(operation.body), spoiled(operation.body)];
      const bodies = own.map((one) => one.map((value) => JSON.stringify(value)));
      const paths = fc.constant(pathWith(operation, encodeURIComponent(world.idFor(operation))));
      return fc.record({
        path: fc.oneof(
          { arbitrary: paths, weight: 4 },
          fc.string().map((text) => pathWith(operation, encodeURIComponent(text))),
          fc.webPath(),
        ),
        query: fc.oneof(
          fc.constant(''),
          fc.webQueryParameters().map((text) => `?${text}`),
        ),
        method: fc.oneof(fc.constant(operation.method), fc.constantFrom(...METHODS)),
        type: fc.oneof(fc.constant('application/json'), fc.constantFrom(...TYPES)),
        body: fc.oneof(...bodies, junk),
        who: fc.constantFrom('nobody', 'author', 'stranger'),
      });
    };
    const aRequest = fc.oneof(...operations.map(requestTo));
    const statuses = new Set<number>();
    const codes = new Set<string>();
    const keyOf = {
      nobody: null,
      author: world.poorKey,
      stranger: `iwk_${'a'.repeat(40)}`,
    } as const;
    await fc.assert(
      fc.asyncProperty(aRequest, async ({ path, query, method, type, body, who }) => {
        http.links.rig.nowMs += 1_000 / MAX_KEY_REQUESTS.perSecond;
        const hasBody = body !== undefined && method !== 'GET' && method !== 'OPTIONS';
        const key = keyOf[who];
        const headers = { 'Content-Type': type };
        const options: AskOptions = { method, key, headers, ...(hasBody ? { body } : {}) };
        const response = await http.ask(`${path}${query}`, options);
        expect(response.status).toBeLessThan(500);
        const text = await textOf(response);
        expect(text).not.toContain(world.secretName);
        statuses.add(response.status);
        if (response.status >= 400) codes.add(refusalCode(path, JSON.parse(text)));
      }),
      { numRuns: FUZZED, seed: FUZZ_SEED },
    );
    // They came far: past keys, paths and schemas, and some were right.
    expect([...statuses]).toEqual(expect.arrayContaining([200, 401, 403, 404, 405, 422]));
    expect(codes.size).toBeGreaterThan(12);
    expect(http.links.rig.fatal).toEqual([]);
    expect(await http.json('/healthz', { key: null })).toMatchObject({ ok: true });
  });
});

/** Refusals under `/v2` are the Open Inference Protocol's; but for one, a model that is not ready. */
function refusalCode(path: string, body: unknown): string {
  if (!/^\/v2(\/|$)/.test(path)) return problemSchema.parse(body).code;
  const said = z.union([inferenceErrorSchema, z.object({ ready: z.literal(false) })]).parse(body);
  return 'error' in said ? said.error.split(':')[0]! : 'not-ready';
}

/** JSON that is sent as it is: `undefined` cannot be, and stays away. */
const raw = (text: string | undefined): AskOptions =>
  text === undefined ? {} : { body: text, headers: { 'Content-Type': 'application/json' } };

/** As it can be sent. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
