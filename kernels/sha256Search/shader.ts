/**
 * The WGSL of sha256Search@1: one text for all parameters, with sixteen rounds written out, because the words
 * of the schedule would spill as an array. All 64 of them would take a software adapter five seconds to compile.
 */
import type { KernelVariant } from '../variants.ts';
import { BLOCK_WORDS, ROUND_CONSTANTS } from './arithmetic.ts';
import type { Sha256SearchParams } from './manifest.ts';

const range = (from: number, end: number): number[] =>
  Array.from({ length: end - from }, (_, i) => from + i);

const lines = (indent: string, of: readonly string[]): string =>
  of.map((line) => `${indent}${line}`).join('\n');

/**
 * Sixteen rounds. Registers keep their names and change their roles: eight rounds later all are back. A word of the
 * schedule is replaced, once it is used, by the one sixteen rounds later.
 */
const rounds = range(0, 16).flatMap((i) => {
  const [a, b, c, d, e, f, g, h] = range(0, 8).map((role) => 'abcdefgh'[(role - i + 16) % 8]!);
  const w = (later: number) => `w${(i + later) % 16}`;
  const constants = range(0, 4).map((turn) => `${ROUND_CONSTANTS[16 * turn + i]}u`);
  return [
    `${h} += big1(${e}) + chosen(${e}, ${f}, ${g}) + w${i} + byTurn(turn, ${constants.join(', ')});`,
    `${d} += ${h};`,
    `${h} += big0(${a}) + majority(${a}, ${b}, ${c});`,
    `${w(0)} += small0(${w(1)}) + ${w(9)} + small1(${w(14)});`,
  ];
});

/** FIPS 180-4, section 4.1.2: exclusive ors of rotations, and of a shift in the schedule. */
const MIXERS: readonly (readonly [name: string, turned: readonly number[], last?: number])[] = [
  ['small0', [7, 18], 3],
  ['small1', [17, 19], 10],
  ['big0', [2, 13, 22]],
  ['big1', [6, 11, 25]],
];

/** A software adapter multiplies vectors in one instruction, but may shift them lane by lane. */
const rotated = (bits: number, byProducts: boolean): string =>
  byProducts
    ? `((x >> ${bits}u) | (x * ${2 ** (32 - bits)}u))`
    : `((x >> ${bits}u) | (x << ${32 - bits}u))`;

const moduleOf = (
  byProducts: boolean,
): string => `// sha256Search@1: \`search\` hashes a run of nonces per thread, \`merge\` and \`conclude\` join what threads found.
// z is the row of the batch, but for \`conclude\`. Integers only.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> items: array<u32>;
@group(0) @binding(2) var<storage, read_write> laneFinds: array<Find>;
@group(0) @binding(3) var<storage, read_write> groupFinds: array<Find>;
@group(0) @binding(4) var<storage, read_write> hits: array<u32>;
@group(0) @binding(5) var<storage, read_write> firstHit: array<u32>;
@group(0) @binding(6) var<storage, read_write> leastNonce: array<u32>;
@group(0) @binding(7) var<storage, read_write> leastHash: array<u32>;

// The hash of the whole blocks of the prefix, and the last block without its nonce.
${lines(
  '',
  range(0, 8).map((i) => `override MIDSTATE_${i}: u32 = 0;`),
)}
${lines(
  '',
  range(0, BLOCK_WORDS).map((i) => `override BLOCK_${i}: u32 = 0;`),
)}
override NONCE_WORD: u32 = 0;
override NONCES: u32 = 0;
override NONCES_PER_LANE: u32 = 0;
override TARGET_ZERO_BITS: u32 = 0;
override LANES: u32;
override LANES_PER_GROUP: u32 = 1;
override GROUPS: u32;

struct Hash {
  first: vec4u,
  last: vec4u,
}

// What a run of nonces gave: the least hash, its nonce, how many hit, and the first of them.
struct Find {
  least: Hash,
  nonce: u32,
  hits: u32,
  firstHit: u32,
}

@compute @workgroup_size(64)
fn search(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let item = items[row];
  let begin = lane * NONCES_PER_LANE;
  let end = min(begin + NONCES_PER_LANE, NONCES);
  var all = nothing();
  for (var nonce = begin; nonce < end; nonce++) {
    let hash = hashOf(item, nonce);
    let zeroBits = select(
      countLeadingZeros(hash.first.x),
      32u + countLeadingZeros(hash.first.y),
      hash.first.x == 0u,
    );
    let isHit = zeroBits >= TARGET_ZERO_BITS;
    all = joined(all, Find(hash, nonce, u32(isHit), select(0xffffffffu, nonce, isHit)));
  }
  laneFinds[row * LANES + lane] = all;
}

@compute @workgroup_size(64)
fn merge(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let place = (group.x + base.x) * 64u + thread.x;
  if (place >= GROUPS) { return; }
  let row = group.z + base.z;
  let end = min((place + 1u) * LANES_PER_GROUP, LANES);
  var all = nothing();
  for (var lane = place * LANES_PER_GROUP; lane < end; lane++) {
    all = joined(all, laneFinds[row * LANES + lane]);
  }
  groupFinds[row * GROUPS + place] = all;
}

@compute @workgroup_size(64)
fn conclude(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row >= arrayLength(&hits)) { return; }
  var all = nothing();
  for (var place = 0u; place < GROUPS; place++) {
    all = joined(all, groupFinds[row * GROUPS + place]);
  }
  hits[row] = all.hits;
  firstHit[row] = all.firstHit;
  leastNonce[row] = all.nonce;
${lines(
  '  ',
  range(0, 8).map(
    (i) => `leastHash[row * 8u + ${i}u] = all.least.${i < 4 ? 'first' : 'last'}.${'xyzw'[i % 4]};`,
  ),
)}
}

// Greater than any: its nonce is the last of all.
fn nothing() -> Find {
  let most = vec4u(0xffffffffu);
  return Find(Hash(most, most), 0xffffffffu, 0u, 0xffffffffu);
}

// Of two runs of nonces.
fn joined(a: Find, b: Find) -> Find {
  let here = a.least.first;
  let there = b.least.first;
  let isTie = here.x == there.x && here.y == there.y;
  let isLess = there.x < here.x || (there.x == here.x && there.y < here.y);
  let takesB = isLess || (isTie && b.nonce < a.nonce);
  return Find(
    Hash(select(here, there, takesB), select(a.least.last, b.least.last, takesB)),
    select(a.nonce, b.nonce, takesB),
    a.hits + b.hits,
    min(a.firstHit, b.firstHit),
  );
}

fn hashOf(item: u32, nonce: u32) -> Hash {
${lines(
  '  ',
  range(0, BLOCK_WORDS).map((i) => `var w${i} = worded(${i}u, BLOCK_${i}, item, nonce);`),
)}
${lines(
  '  ',
  [...'abcdefgh'].map((role, i) => `var ${role} = MIDSTATE_${i};`),
)}
  for (var turn = 0u; turn < 4u; turn++) {
${lines('    ', rounds)}
  }
  return Hash(
    vec4u(MIDSTATE_0 + a, MIDSTATE_1 + b, MIDSTATE_2 + c, MIDSTATE_3 + d),
    vec4u(MIDSTATE_4 + e, MIDSTATE_5 + f, MIDSTATE_6 + g, MIDSTATE_7 + h),
  );
}

// A constant of the sixteen rounds number \`turn\`: a table in memory would be slower.
fn byTurn(turn: u32, k0: u32, k1: u32, k2: u32, k3: u32) -> u32 {
  return select(select(k0, k1, turn == 1u), select(k2, k3, turn == 3u), turn > 1u);
}

// Word \`place\` of the last block.
fn worded(place: u32, word: u32, item: u32, nonce: u32) -> u32 {
  return select(select(word, item, place == NONCE_WORD), nonce, place == NONCE_WORD + 1u);
}

${lines(
  '',
  MIXERS.map(([name, turned, last]) => {
    const terms = turned.map((bits) => rotated(bits, byProducts));
    if (last !== undefined) terms.push(`(x >> ${last}u)`);
    return `fn ${name}(x: u32) -> u32 {\n  return ${terms.join(' ^ ')};\n}\n`;
  }),
)}
fn chosen(x: u32, y: u32, z: u32) -> u32 {
  return z ^ (x & (y ^ z));
}

fn majority(x: u32, y: u32, z: u32) -> u32 {
  return (x & y) | (z & (x | y));
}
`;

export const sha256SearchShader = (_params: Sha256SearchParams, variant: KernelVariant): string =>
  moduleOf(variant.options['byProducts'] === 1);
