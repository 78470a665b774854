/**
 * The API's own description, read: its operations, values that fit its schemas, and values that do not.
 *
 * Only what our description uses of JSON Schema; anything else throws, so that nothing is passed over in silence.
 */
import fc from 'fast-check';
import { z } from 'zod';

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

interface Media {
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, Media> }>>;
}

export interface ApiDescription {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

/** One method of one path. */
export interface Operation {
  /** As `GET /v1/jobs/{id}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Of a JSON body; null where it takes none. */
  readonly body: JsonSchema | null;
  /** Of such a body. */
  readonly example: unknown;
  readonly responses: Described['responses'];
}

export function operationsOf({ paths }: ApiDescription): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema ?? null,
      example: requestBody?.content['application/json']?.example,
      responses,
    })),
  );
}

/** What is wrong with an answer, by the description: its status, its type or its body; null where nothing is. */
export async function faultOf(operation: Operation, response: Response): Promise<string | null> {
  const { status } = response;
  const described = operation.responses[status] ?? operation.responses['default'];
  if (described === undefined || (status < 400 && operation.responses[status] === undefined))
    return `the status ${status} is not described`;
  const type = response.headers.get('Content-Type')?.split(';')[0] ?? '';
  const text = await textOf(response);
  const contents = Object.entries(described.content ?? {});
  if (contents.length === 0)
    return text === '' ? null : `${status} has a body that is not described`;
  const media = contents.find(([name]) => name === type)?.[1];
  if (media === undefined) return `${status} is of the type ${type}`;
  if (!type.endsWith('json')) return null;
  const checked = schemaOf(media.schema).safeParse(JSON.parse(text));
  return checked.success ? null : `${status}: ${z.prettifyError(checked.error)} in ${text}`;
}

/** Of events the first: they need not end. */
export async function textOf(response: Response): Promise<string> {
  const isEvents = response.headers.get('Content-Type')?.startsWith('text/event-stream') ?? false;
  if (!isEvents) return response.text();
  const reader = response.body!.getReader();
  const first = (await reader.read()) as { readonly value?: Uint8Array };
  await reader.cancel();
  return Buffer.from(first.value ?? []).toString();
}

const schemas = new WeakMap<JsonSchema, z.ZodType>();

function schemaOf(schema: JsonSchema): z.ZodType {
  let made = schemas.get(schema);
  if (made === undefined) {
    // zod reads patterns without JSON Schema's flag `u`, and takes Unicode's classes in them for letters.
    const readable = JSON.stringify(schema, (key, value: unknown) =>
      key === 'pattern' && String(value).includes('\\p') ? undefined : value,
    );
    schemas.set(schema, (made = z.fromJSONSchema(JSON.parse(readable) as never)));
  }
  return made;
}

export const fits = (schema: JsonSchema, value: unknown): boolean =>
  schemaOf(schema).safeParse(value).success;

/** Values that fit. */
export function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return fc.oneof(...choices.map(fitting));
  if (schema.allOf !== undefined) {
    return fc
      .tuple(...schema.allOf.map(fitting))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  }
  const [type, ...others] = [schema.type ?? []].flat();
  if (others.length > 0)
    return fc.oneof(...[type!, ...others].map((one) => fitting({ ...schema, type: one })));
  switch (type) {
    case 'object':
      return fittingObject(schema);
    case 'array': {
      const { items = {}, minItems = 0, maxItems = minItems + 2 } = schema;
      const maxLength = Math.min(maxItems, minItems + 2);
      return fc.array(fitting(items), { minLength: minItems, maxLength });
    }
    case 'string': {
      const { minLength = 0, maxLength = Infinity, pattern } = schema;
      if (pattern === undefined)
        return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 8) });
      const whole = new RegExp(pattern, 'u');
      // fast-check makes nothing of assertions and of Unicode's classes.
      const made = /\\p|\(\?/.test(pattern) ? /^[A-Za-z]{1,8}$/ : whole;
      return fc.stringMatching(made).filter((it) => it.length <= maxLength && whole.test(it));
    }
    case 'integer':
      return fc.integer({ min: lowest(schema), max: Math.min(highest(schema), 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: lowest(schema), max: highest(schema), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case undefined:
      return fc.jsonValue({ maxDepth: 1 });
    default:
      throw new Error(`fitting: ${JSON.stringify(schema)}`);
  }
}

function fittingObject({ properties = {}, required = [], additionalProperties }: JsonSchema) {
  const known = Object.entries(properties).map(([name, one]) => [name, fitting(one)] as const);
  const record = fc.record(Object.fromEntries(known), { requiredKeys: [...required] });
  if (known.length > 0 || typeof additionalProperties !== 'object') return record;
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fitting(additionalProperties), {
    maxKeys: 2,
  });
}

const lowest = ({ minimum, exclusiveMinimum }: JsonSchema): number =>
  minimum ?? (exclusiveMinimum === undefined ? -1e6 : exclusiveMinimum + 1);
const highest = ({ maximum, exclusiveMaximum }: JsonSchema): number =>
  maximum ?? (exclusiveMaximum === undefined ? 1e9 : exclusiveMaximum - 1);

/** What no field of ours takes, or few do. */
export const ODD: readonly unknown[] = [
  ...[null, true, -1, 0, 0.5, 1e308, -1e308, 2 ** 53, '', ' ', '\u0000', '\ud800', '__proto__'],
  ...["' or 1=1 --", '../../etc/passwd', 'é'.repeat(300), 'x'.repeat(5_000), '0'.repeat(64)],
  ...[[], {}, [[]], [null], { toString: 1 }, { constructor: {} }, Array(1_000).fill(0)],
];

/** Values that fit but for one place: something is missing, of another kind, too large, or unknown. */
export const spoiled = (schema: JsonSchema): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fitting(schema),
      fc.nat(),
      fc.constantFrom('drop', 'odd', 'add'),
      fc.constantFrom(...ODD),
    )
    .map(([value, pick, how, odd]) => {
      const places = placesOf(value);
      const place = places[pick % Math.max(places.length, 1)];
      if (place === undefined) return odd;
      const [parent, key] = place;
      if (how === 'drop') Reflect.deleteProperty(parent, key);
      else Reflect.set(parent, how === 'add' ? 'unheardOf' : key, odd);
      return value;
    });

type Place = readonly [parent: object, key: string];

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): Place[] => [
    [value, key],
    ...placesOf(inner),
  ]);
}
