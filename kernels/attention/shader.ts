/**
 * attention@1 on the GPU, composed for the dimension and a variant: one thread keeps one or two queries' weighted values in
 * accumulators with names, because an indexed array spills to memory (3 times slower), and takes a few keys at a time.
 *
 * Keys past the end, or after a causal query's own, have the least score: their weight is exactly 0. `tiled` stages keys
 * and values in workgroup memory; a thread without a query loads with the others, and stores nothing.
 */
import type { KernelVariant } from '../variants.ts';
import type { AttentionParams } from './manifest.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const lines = (texts: readonly string[]): string => texts.join('\n');

/** Above this dimension, four keys make the text of one step so long that it takes a second to compile on software. */
const WIDE_DIMENSION = 64;
const keysAtOnce = (dimension: number): number[] => upTo(dimension > WIDE_DIMENSION ? 2 : 4);
/** `max(a, max(b, c))` and the like. */
const nested = (
  join: (a: string, b: string) => string,
  [first = '', ...rest]: readonly string[],
): string => (rest.length === 0 ? first : join(first, nested(join, rest)));

export function attentionShader(params: AttentionParams, variant: KernelVariant): string {
  const { heads, queries, keys, dimension, causal } = params;
  const { threads = 64, together = 1, chunks = 1 } = variant.options;
  const merges = chunks > 1;
  return `// attention@1, ${variant.name}
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;
@group(0) @binding(2) var<storage, read> k: array<vec4f>;
@group(0) @binding(3) var<storage, read> v: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
${
  merges
    ? `// Of each chunk of keys: weighted values; largest score, and sum of weights.
@group(0) @binding(5) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> measures: array<vec2f>;
`
    : ''
}
override SCALE: f32;
// In fours from one item to the next; 0 where all items share the input.
override Q_STRIDE: u32;
override K_STRIDE: u32;
override V_STRIDE: u32;

const HEADS = ${heads}u;
const QUERIES = ${queries}u;
const KEYS = ${keys}u;
const FOURS = ${dimension / 4}u;
const CHUNKS = ${chunks}u;
const CHUNK_KEYS = ${Math.ceil(keys / chunks)}u;
// Below every score, and finite.
const LEAST = -3e38;

fn sumOf(four: vec4f) -> f32 { return (four.x + four.y) + (four.z + four.w); }

// Keys that a query sees.
fn seenBy(query: u32) -> u32 { return ${causal ? 'query + KEYS - QUERIES + 1u' : 'KEYS'}; }
${
  variant.family === 'tiled'
    ? inWorkgroup(params, threads, variant.options['tileKeys']!, merges)
    : inRegisters(params, threads, together, merges)
}${merges ? MERGE : ''}`;
}

function inRegisters(
  { queries, dimension }: AttentionParams,
  threads: number,
  together: number,
  merges: boolean,
): string {
  const all = upTo(together);
  const atOnce = keysAtOnce(dimension);
  return `
@compute @workgroup_size(${threads})
fn attend(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let place = (group.x + base.x) * ${threads}u + thread.x;
  if (place >= HEADS * ${Math.ceil(queries / together)}u) { return; }
  let head = place / ${Math.ceil(queries / together)}u;
  let query = place % ${Math.ceil(queries / together)}u * ${together}u;
  let chunk = group.y + base.y;
  let item = group.z + base.z;
  let kHead = item * K_STRIDE + head * KEYS * FOURS;
  let vHead = item * V_STRIDE + head * KEYS * FOURS;
${begin(all, dimension)}
  let end = end${together - 1};
  for (var key = chunk * CHUNK_KEYS; key < end; key += ${atOnce.length}u) {
${lines(
  atOnce.flatMap((j) => [
    `    let k${j} = kHead + min(key + ${j}u, KEYS - 1u) * FOURS;`,
    `    let v${j} = vHead + min(key + ${j}u, KEYS - 1u) * FOURS;`,
  ]),
)}
${stepText(all, dimension, 'k', 'v')}
  }
${store(all, dimension, merges)}
}
`;
}

function inWorkgroup(
  { dimension }: AttentionParams,
  threads: number,
  tileKeys: number,
  merges: boolean,
): string {
  const fours = (tileKeys * dimension) / 4;
  const atOnce = keysAtOnce(dimension);
  return `
var<workgroup> keyTile: array<vec4f, ${fours}>;
var<workgroup> valueTile: array<vec4f, ${fours}>;

@compute @workgroup_size(${threads})
fn attend(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let first = (group.x + base.x) * ${threads}u;
  let query = min(first + thread.x, QUERIES - 1u);
  let head = (group.y + base.y) / CHUNKS;
  let chunk = (group.y + base.y) % CHUNKS;
  let item = group.z + base.z;
  let kHead = item * K_STRIDE + head * KEYS * FOURS;
  let vHead = item * V_STRIDE + head * KEYS * FOURS;
${begin([0], dimension)}
  // The last query sees most: all threads go through the same tiles.
  let last = min(first + ${threads - 1}u, QUERIES - 1u);
  let end = min((chunk + 1u) * CHUNK_KEYS, seenBy(last));
  for (var tile = chunk * CHUNK_KEYS; tile < end; tile += ${tileKeys}u) {
    for (var i = thread.x; i < ${fours}u; i += ${threads}u) {
      let place = min(tile * FOURS + i, KEYS * FOURS - 1u);
      keyTile[i] = k[kHead + place];
      valueTile[i] = v[vHead + place];
    }
    workgroupBarrier();
    for (var j = 0u; j < ${tileKeys}u; j += ${atOnce.length}u) {
      let key = tile + j;
${lines(
  atOnce.flatMap((j) => [
    `      let k${j} = (j + ${j}u) * FOURS;`,
    `      let v${j} = (j + ${j}u) * FOURS;`,
  ]),
)}
${stepText([0], dimension, 'keyTile', 'valueTile')}
    }
    workgroupBarrier();
  }
  if (first + thread.x >= QUERIES) { return; }
${store([0], dimension, merges)}
}
`;
}

/** The places of the queries query, query + 1 ..., what they see of the chunk, and nothing summed yet. */
const begin = (all: readonly number[], dimension: number): string =>
  lines(
    all.flatMap((n) => [
      `  let query${n} = ${n === 0 ? 'query' : `min(query + ${n}u, QUERIES - 1u)`};`,
      `  let q${n} = item * Q_STRIDE + (head * QUERIES + query${n}) * FOURS;`,
      `  let end${n} = min((chunk + 1u) * CHUNK_KEYS, seenBy(query${n}));`,
      `  var largest${n} = LEAST;`,
      `  var total${n} = 0.0;`,
      ...upTo(dimension / 4).map((i) => `  var s${n}_${i} = vec4f();`),
    ]),
  );

/** Some keys from `key` on, whose fours begin at k0, k1 ... of one array, and their values' at v0, v1 ... of another. */
const stepText = (
  all: readonly number[],
  dimension: number,
  keyArray: string,
  valueArray: string,
): string => {
  const atOnce = keysAtOnce(dimension);
  return lines([
    ...all.flatMap((n) => atOnce.map((j) => `    var t${n}_${j} = vec4f();`)),
    '    for (var i = 0u; i < FOURS; i++) {',
    ...all.map((n) => `      let part${n} = q[q${n} + i];`),
    ...atOnce.flatMap((j) => [
      `      let key${j} = ${keyArray}[k${j} + i];`,
      ...all.map((n) => `      t${n}_${j} += part${n} * key${j};`),
    ]),
    '    }',
    ...all.flatMap((n) => [
      ...atOnce.map(
        (j) =>
          `    let score${n}_${j} = select(LEAST, sumOf(t${n}_${j}) * SCALE, key + ${j}u < end${n});`,
      ),
      `    let most${n} = ${nested((a, b) => `max(${a}, ${b})`, [`largest${n}`, ...atOnce.map((j) => `score${n}_${j}`)])};`,
      `    let keep${n} = exp(largest${n} - most${n});`,
      ...atOnce.map(
        (j) =>
          `    let p${n}_${j} = select(0.0, exp(score${n}_${j} - most${n}), key + ${j}u < end${n});`,
      ),
      `    largest${n} = most${n};`,
      `    total${n} = total${n} * keep${n} + (${atOnce.map((j) => `p${n}_${j}`).join(' + ')});`,
    ]),
    ...upTo(dimension / 4).flatMap((i) => [
      ...atOnce.map((j) => `    let v${j}_${i} = ${valueArray}[v${j} + ${i}u];`),
      ...all.map((n) => {
        const added = atOnce.map((j) => `p${n}_${j} * v${j}_${i}`).join(' + ');
        return `    s${n}_${i} = s${n}_${i} * keep${n} + (${added});`;
      }),
    ]),
  ]);
};

function store(all: readonly number[], dimension: number, merges: boolean): string {
  const fours = upTo(dimension / 4);
  const one = (n: number) => {
    const indent = n === 0 ? '  ' : '    ';
    const queryPlace = `(item * HEADS + head) * QUERIES + query${n}`;
    const texts = merges
      ? [
          `let at${n} = chunk * (arrayLength(&y) / FOURS) + ${queryPlace};`,
          `measures[at${n}] = vec2f(largest${n}, total${n});`,
          ...fours.map((i) => `sums[at${n} * FOURS + ${i}u] = s${n}_${i};`),
        ]
      : [
          `let at${n} = (${queryPlace}) * FOURS;`,
          ...fours.map((i) => `y[at${n} + ${i}u] = s${n}_${i} / total${n};`),
        ];
    const text = lines(texts.map((it) => indent + it));
    return n === 0 ? text : `  if (query + ${n}u < QUERIES) {\n${text}\n  }`;
  };
  return lines(all.map(one));
}

const MERGE = `
@compute @workgroup_size(64)
fn merge(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let place = (group.x + base.x) * 64u + thread.x;
  let count = arrayLength(&y);
  if (place >= count) { return; }
  let query = place / FOURS;
  var largest = LEAST;
  for (var chunk = 0u; chunk < CHUNKS; chunk++) {
    largest = max(largest, measures[chunk * (count / FOURS) + query].x);
  }
  var total = 0.0;
  var sum = vec4f();
  for (var chunk = 0u; chunk < CHUNKS; chunk++) {
    let measure = measures[chunk * (count / FOURS) + query];
    let weight = exp(measure.x - largest);
    total += measure.y * weight;
    sum += sums[chunk * count + place] * weight;
  }
  y[place] = sum / total;
}
`;
