/** A kernel's parameters as the fields of a form, made from its schema; and what was typed, as parameters again. */
import type { $ZodChecks, $ZodNumberDef, $ZodNumberFormatDef, $ZodTypes } from 'zod/v4/core';
import { MAX_ITEMS_PER_SHARD } from '../../shared/limits.ts';
import { assert, fail, ok, type Result } from '../../shared/result.ts';
import { byteLengthOf } from '../../shared/tensor.ts';
import type { KernelManifest } from '../../kernels/manifest.ts';

type Option = string | number;

/** How a parameter is asked for. */
export type FieldKind =
  | {
      readonly kind: 'number';
      /** Null where the schema has no bound. */
      readonly least: number | null;
      readonly most: number | null;
      readonly isWhole: boolean;
    }
  | { readonly kind: 'choice'; readonly options: readonly Option[] }
  | { readonly kind: 'switch' }
  | { readonly kind: 'text' }
  /** Anything else, as JSON. */
  | { readonly kind: 'json' };

export type ParamField = FieldKind & {
  readonly name: string;
  /** It may be absent, and has no default. */
  readonly isOptional: boolean;
};

/** What somebody typed, by the field's name. */
export type Typed = Readonly<Record<string, string>>;

const isOption = (value: unknown): value is Option =>
  typeof value === 'string' || typeof value === 'number';

/** Of a schema that is an object. Read from it directly: `toJSONSchema` would add 5 kB to the first load of every page. */
export function fieldsOf({ params }: Pick<KernelManifest, 'params'>): readonly ParamField[] {
  const { def } = (params as unknown as $ZodTypes)._zod;
  assert(def.type === 'object', 'expected parameters that are an object');
  return Object.entries(def.shape).map(([name, schema]) => ({
    name,
    isOptional: (schema as $ZodTypes)._zod.def.type === 'optional',
    ...kindOf(schema as $ZodTypes),
  }));
}

function kindOf(schema: $ZodTypes): FieldKind {
  const { def } = schema._zod;
  switch (def.type) {
    case 'default':
    case 'optional':
      return kindOf(def.innerType as $ZodTypes);
    case 'number':
      return numberKind(def);
    case 'enum':
      return { kind: 'choice', options: Object.values(def.entries) };
    case 'literal':
      return def.values.every(isOption)
        ? { kind: 'choice', options: def.values }
        : { kind: 'json' };
    case 'boolean':
      return { kind: 'switch' };
    case 'string':
      return { kind: 'text' };
    default:
      return { kind: 'json' };
  }
}

function numberKind(def: $ZodNumberDef | $ZodNumberFormatDef): FieldKind {
  const isWhole = 'format' in def && def.format.includes('int');
  let least: number | null = null;
  let most: number | null = null;
  for (const check of (def.checks ?? []) as unknown as readonly $ZodChecks[]) {
    const limit = check._zod.def;
    if (limit.check === 'greater_than') least = Number(limit.value);
    if (limit.check === 'less_than') most = Number(limit.value);
  }
  return { kind: 'number', least, most, isWhole };
}

/** Parameters as a form shows them: defaults are filled in. */
export function typedOf(manifest: KernelManifest, given: unknown): Typed {
  const params = manifest.params.parse(given) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(fieldsOf(manifest).map(({ name }) => [name, textOf(params[name])]));
}

/** A text as it is, nothing where there is none, anything else as JSON. */
function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Of one field: a scene or a prefix is some hundred. */
export const MAX_TYPED_CHARS = 4096;
/** One run of the page, whatever is typed: beyond it a slow device would be busy for long. */
export const MAX_RUN_FLOPS = 2e10;
/** Inputs and outputs of one run. */
export const MAX_RUN_BYTES = 96 * 1024 * 1024;
/** Plain JavaScript does 0.2 to 1 GFLOP/s: the reference of one item takes some 10 s at most. */
export const MAX_ITEM_FLOPS = 2e9;

/** Inputs and outputs of one item, but those that are constant. */
export const itemBytes = (
  manifest: KernelManifest,
  params: unknown,
  constant: readonly string[] = [],
): number => {
  const inputs = Object.entries(manifest.inputs(params)).filter(([it]) => !constant.includes(it));
  const specs = [...inputs.map(([, spec]) => spec), ...Object.values(manifest.outputs(params))];
  return specs.reduce((sum, spec) => sum + byteLengthOf(spec), 0);
};

export type ParamProblem =
  /** In the schema's words, which are English. */
  | { readonly kind: 'refused'; readonly field: string; readonly message: string }
  | { readonly kind: 'items'; readonly most: number }
  | { readonly kind: 'too-much-work'; readonly flops: number; readonly most: number }
  | { readonly kind: 'too-much-data'; readonly bytes: number; readonly most: number };

/** The parameters that were typed, where the kernel takes them and one run of `items` is short. */
export function paramsOf(
  manifest: KernelManifest,
  typed: Typed,
  items: number,
  constant: readonly string[] = [],
): Result<unknown, ParamProblem> {
  const given = Object.fromEntries(
    fieldsOf(manifest)
      .filter(({ name }) => (typed[name] ?? '') !== '')
      .map((field) => [field.name, valueOf(field, typed[field.name]!)]),
  );
  const parsed = manifest.params.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    return fail({ kind: 'refused', field, message: issue?.message ?? '' });
  }
  if (!Number.isInteger(items) || items < 1 || items > MAX_ITEMS_PER_SHARD)
    return fail({ kind: 'items', most: MAX_ITEMS_PER_SHARD });
  const params = parsed.data;
  const perItem = manifest.flopsPerItem(params);
  if (perItem > MAX_ITEM_FLOPS)
    return fail({ kind: 'too-much-work', flops: perItem, most: MAX_ITEM_FLOPS });
  if (perItem * items > MAX_RUN_FLOPS)
    return fail({ kind: 'too-much-work', flops: perItem * items, most: MAX_RUN_FLOPS });
  const itself = itemBytes(manifest, params, constant);
  const bytes = itself * (items - 1) + itemBytes(manifest, params);
  if (bytes > MAX_RUN_BYTES) return fail({ kind: 'too-much-data', bytes, most: MAX_RUN_BYTES });
  return ok(params);
}

/** What is no JSON is given to the schema as it is: that says what it expected. */
function valueOf(field: ParamField, text: string): unknown {
  if (field.kind === 'text') return text;
  if (field.kind === 'choice') return field.options.find((it) => String(it) === text) ?? text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
