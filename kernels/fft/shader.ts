/**
 * The WGSL of fft@1: one entry point for every kind of pass, each thread one butterfly in named registers.
 *
 * No shared memory and no barriers. Butterflies are composed from their prime factors, with the roots of small orders as
 * literals; the roots between passes come from `rootAt`, four of them for a radix of 16, the others as products of those.
 */
import type { KernelVariant } from '../variants.ts';
import type { FftParams } from './manifest.ts';
import { buffersOf, entryPointOf, passesOf, type StockhamPass } from './passes.ts';

export function fftShader(params: FftParams, { options }: KernelVariant): string {
  const passes = passesOf(params, options['radix']!);
  const bindings = buffersOf(passes).map(
    (name, i) =>
      `@group(0) @binding(${i + 1}) var<storage, ${name === 'signal' ? 'read' : 'read_write'}> ${name}: array<vec2f>;`,
  );
  const isInverse = params.direction === 'inverse';
  const bodies = new Map(
    passes.map((pass) => [
      entryPointOf(pass),
      pass.kind === 'chirp' ? CHIRP : stockhamText(pass, isInverse),
    ]),
  );
  return [
    '// fft@1: Stockham passes in registers; z is the row of the batch. Composed by shader.ts.',
    '@group(0) @binding(0) var<uniform> base: vec4u;',
    ...bindings,
    COMMON,
    ...bodies.values(),
  ].join('\n');
}

const COMMON = `
override THREADS: u32;
override LINES: u32 = 1;
// Of one line, and the product of the radices before this pass.
override BUTTERFLIES: u32 = 1;
override DONE: u32 = 1;
override KEPT: u32 = 1;
// Points from one of a line to the next, from line to line and from row to row.
override STEP: u32 = 1;
override LINE_FROM: u32 = 0;
override LINE_TO: u32 = 0;
override ROW_FROM: u32 = 0;
override ROW_TO: u32 = 0;
// Where this axis has its part of the chirp, and this pass its part of the response.
override CHIRP_AT: u32 = 0;
override RESPONSE_AT: u32 = 0;
override SCALE: f32 = 1;
override ORDER: u32 = 1;
override PER_ORDER: f32 = 1;
override QUARTER_STEP: f32 = 1;

fn times(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn conjugate(a: vec2f) -> vec2f {
  return vec2f(a.x, -a.y);
}

// exp(-2 pi i k / ORDER), k below ORDER: whole quarters are taken off in integers, what is left (up to pi/4) goes through
// the polynomials of Cephes (sinf, cosf), off by 1 ulp at most. A quarter that rounds to its neighbour does no harm.
fn rootAt(k: u32) -> vec2f {
  let quarters = 4u * k;
  let quarter = u32(f32(quarters) * PER_ORDER + 0.5);
  let x = f32(i32(quarters - quarter * ORDER)) * QUARTER_STEP;
  let z = x * x;
  let s = x + x * z * ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1);
  let c = 1.0 - 0.5 * z
    + z * z * ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2);
  let turned = select(vec2f(c, -s), vec2f(-s, -c), (quarter & 1u) == 1u);
  return select(turned, -turned, (quarter & 2u) == 2u);
}
`;

const START = `  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let index = (group.x + base.x) * 64u + thread.x;
  if (index >= THREADS) { return; }`;

const CHIRP = `
// k^2 modulo ORDER, by halves of k: k is below 2^20, ORDER at most 2^21.
fn squareModulo(k: u32) -> u32 {
  let high = k >> 10u;
  let low = k & 1023u;
  let upper = (((high * high) % ORDER) << 10u) % ORDER + 2u * high * low;
  return ((upper << 10u) % ORDER + low * low) % ORDER;
}

@compute @workgroup_size(64)
fn chirpOf(
${START}
  let k = min(index, THREADS - index);
  let isKept = k < KEPT;
  let phase = rootAt(squareModulo(select(0u, k, isKept)));
  work[index] = select(vec2f(), conjugate(phase), isKept);
  if (index < KEPT) { chirp[CHIRP_AT + index] = phase; }
}
`;

function stockhamText(pass: StockhamPass, isInverse: boolean): string {
  const { radix, source, target, lines, layout, load, store, done, isFirst, isLast } = pass;
  const threadToLine =
    lines === 1
      ? ['let line = 0u;', 'let j = index;']
      : layout === 'rows'
        ? [
            `let line = ${quotient('index', 'BUTTERFLIES', pass.length / radix)};`,
            'let j = index - line * BUTTERFLIES;',
          ]
        : [`let j = ${quotient('index', 'LINES', lines)};`, 'let line = index - j * LINES;'];
  const out: string[] = [
    ...threadToLine,
    'let row = group.z + base.z;',
    'let start = row * ROW_FROM + line * LINE_FROM;',
    `let into = row * ROW_TO + line * LINE_TO${target === 'response' ? ' + RESPONSE_AT' : ''};`,
  ];
  const range = Array.from({ length: radix }, (_, r) => r);
  for (const r of range) {
    const place = r === 0 ? 'j' : `j + ${r}u * BUTTERFLIES`;
    const conjugated = (value: string) => (isFirst && isInverse ? `conjugate(${value})` : value);
    if (load === 'plain') {
      out.push(`let x${r} = ${conjugated(`${source}[start + (${place}) * STEP]`)};`);
      continue;
    }
    out.push(`let p${r} = ${place};`, `var x${r} = vec2f();`);
    const value = conjugated(`${source}[start + p${r} * STEP]`);
    out.push(`if (p${r} < KEPT) { x${r} = times(${value}, chirp[CHIRP_AT + p${r}]); }`);
  }
  let names = range.map((r) => `x${r}`);
  if (done === 1) {
    out.push(`let k = 0u;`, `let first = j * ${radix}u;`);
  } else {
    out.push(
      `let before = ${quotient('j', 'DONE', done)};`,
      'let k = j - before * DONE;',
      `let first = before * DONE * ${radix}u + k;`,
    );
    for (const r of range.slice(1)) {
      const top = 2 ** Math.floor(Math.log2(r));
      out.push(
        r === top ? `let w${r} = rootAt(${r}u * k);` : `let w${r} = times(w${top}, w${r - top});`,
        `let y${r} = times(x${r}, w${r});`,
      );
    }
    names = range.map((r) => (r === 0 ? 'x0' : `y${r}`));
  }
  const results = butterfly(names, out, { next: 0 });
  results.forEach((name, r) => {
    const place = r === 0 ? 'first' : `first + ${r}u * ${done === 1 ? '1u' : 'DONE'}`;
    let value = name;
    if (store === 'response') value = `conjugate(times(${name}, response[RESPONSE_AT + q${r}]))`;
    if (store === 'unchirp') value = `times(conjugate(${name}), chirp[CHIRP_AT + q${r}])`;
    if (isLast && isInverse) value = `conjugate(${value})`;
    if (store === 'unchirp' || (isLast && isInverse)) value = `${value} * SCALE`;
    out.push(`let q${r} = ${place};`);
    const assignment = `${target}[into + q${r} * STEP] = ${value};`;
    out.push(store === 'unchirp' ? `if (q${r} < KEPT) { ${assignment} }` : assignment);
  });
  const body = out.map((line) => `  ${line}`).join('\n');
  return `\n@compute @workgroup_size(64)\nfn ${entryPointOf(pass)}(\n${START}\n${body}\n}`;
}

/** A shift where it will do: software divides lane by lane. */
const quotient = (value: string, divisor: string, known: number): string =>
  (known & (known - 1)) === 0
    ? `${value} >> firstTrailingBit(${divisor})`
    : `${value} / ${divisor}`;

/** The lines of a transform of the named values; returns the names of the results, in order. */
function butterfly(values: readonly string[], out: string[], names: { next: number }): string[] {
  const n = values.length;
  if (n === 1) return [...values];
  const named = (expression: string): string => {
    const name = `t${names.next++}`;
    out.push(`let ${name} = ${expression};`);
    return name;
  };
  const p = [2, 3, 5, 7].find((prime) => n % prime === 0)!;
  const per = n / p;
  const parts = Array.from({ length: p }, (_, r) =>
    butterfly(
      values.filter((_value, i) => i % p === r),
      out,
      names,
    ),
  );
  const results: string[] = Array.from({ length: n });
  for (let k = 0; k < per; k++) {
    const turned = parts.map((part, r) => byRoot(part[k]!, r * k, n, named));
    primeButterfly(turned, named).forEach((name, s) => (results[k + per * s] = name));
  }
  return results;
}

type Namer = (expression: string) => string;

/** A value times exp(-2 pi i k / n). */
function byRoot(value: string, k: number, n: number, named: Namer): string {
  if (k === 0) return value;
  if (4 * k === n) return named(`vec2f(${value}.y, -${value}.x)`);
  if (8 * k === n) {
    return named(
      `${number(Math.SQRT1_2)} * vec2f(${value}.x + ${value}.y, ${value}.y - ${value}.x)`,
    );
  }
  if (8 * k === 3 * n) {
    return named(
      `${number(Math.SQRT1_2)} * vec2f(${value}.y - ${value}.x, -${value}.x - ${value}.y)`,
    );
  }
  const angle = (-2 * Math.PI * k) / n;
  return named(`times(${value}, vec2f(${number(Math.cos(angle))}, ${number(Math.sin(angle))}))`);
}

/** Of an odd prime, in pairs: values j and p - j share their products. */
function primeButterfly(values: readonly string[], named: Namer): string[] {
  const p = values.length;
  const [first, ...others] = values;
  if (p === 2) return [named(`${first!} + ${others[0]!}`), named(`${first!} - ${others[0]!}`)];
  const pairs = Array.from({ length: (p - 1) / 2 }, (_, i) => i + 1);
  const sums = pairs.map((j) => named(`${values[j]!} + ${values[p - j]!}`));
  const differences = pairs.map((j) => named(`${values[j]!} - ${values[p - j]!}`));
  const results: string[] = Array.from({ length: p });
  results[0] = named([first!, ...sums].join(' + '));
  for (const k of pairs) {
    const term = (of: (angle: number) => number, j: number) =>
      number(of((2 * Math.PI * ((j * k) % p)) / p));
    const even = [first!, ...pairs.map((j) => `${term(Math.cos, j)} * ${sums[j - 1]!}`)];
    const odd = pairs.map((j) => `${term(Math.sin, j)} * ${differences[j - 1]!}`);
    const a = named(even.join(' + '));
    const b = named(odd.join(' + '));
    results[k] = named(`vec2f(${a}.x + ${b}.y, ${a}.y - ${b}.x)`);
    results[p - k] = named(`vec2f(${a}.x - ${b}.y, ${a}.y + ${b}.x)`);
  }
  return results;
}

const number = (value: number): string => {
  const text = String(Math.fround(value));
  return value < 0 ? `(${text})` : text;
};
