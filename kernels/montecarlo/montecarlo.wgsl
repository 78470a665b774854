// montecarlo@1: `count` draws the points of balls by Philox4x32-10, a run of blocks per thread, `countOthers` those of
// simplices and bumps, `countWalks` walks; `total` sums an item's threads. Integers only, so every adapter gives the same
// bits. z is the row of the batch but in `total`.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> items: array<u32>;
@group(0) @binding(2) var<storage, read_write> laneHits: array<u32>;
@group(0) @binding(3) var<storage, read_write> hits: array<u32>;

override DIMENSIONS: u32;
override SAMPLES: u32;
override SAMPLES_PER_BLOCK: u32;
override BLOCKS: u32;
override BLOCKS_PER_LANE: u32;
override LANES: u32;
override SEED: u32;
override STREAM: u32;
override INTEGRAND: u32 = 0;
override STEPS: u32 = 0;

const SIMPLEX = 1u;

// 2^14 grid steps along each axis: eight terms x(x+1) sum to less than 2^31.
const COORDINATE_MASK = 0x3fffu;
const RADIUS_SQUARED = 0x10000000u;

@compute @workgroup_size(64)
fn count(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let item = items[row];
  let first = lane * BLOCKS_PER_LANE;
  let end = min(first + BLOCKS_PER_LANE, BLOCKS);
  var tally = 0u;
  for (var block = first; block < end; block++) {
    tally += hitsOfBlock(philox(vec4u(block, item, 0u, 0u)), SAMPLES - block * SAMPLES_PER_BLOCK);
  }
  laneHits[row * LANES + lane] = tally;
}

@compute @workgroup_size(64)
fn countOthers(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let item = items[row];
  let first = lane * BLOCKS_PER_LANE;
  let end = min(first + BLOCKS_PER_LANE, BLOCKS);
  var tally = 0u;
  for (var block = first; block < end; block++) {
    let words = philox(vec4u(block, item, 0u, 0u));
    let samples = min(SAMPLES_PER_BLOCK, SAMPLES - block * SAMPLES_PER_BLOCK);
    for (var sample = 0u; sample < samples; sample++) {
      tally += select(underBump(words, sample), inSimplex(words, sample), INTEGRAND == SIMPLEX);
    }
  }
  laneHits[row * LANES + lane] = tally;
}

@compute @workgroup_size(64)
fn countWalks(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let item = items[row];
  let first = lane * BLOCKS_PER_LANE;
  let end = min(first + BLOCKS_PER_LANE, BLOCKS);
  var tally = 0u;
  for (var sample = first; sample < end; sample++) {
    tally += walk(sample, item);
  }
  laneHits[row * LANES + lane] = tally;
}

@compute @workgroup_size(64)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row >= arrayLength(&hits)) { return; }
  var tally = 0u;
  for (var lane = 0u; lane < LANES; lane++) {
    tally += laneHits[row * LANES + lane];
  }
  hits[row] = tally;
}

// Hits among the first `samples` points of a block (all of them where `samples` exceeds their number).
fn hitsOfBlock(words: vec4u, samples: u32) -> u32 {
  let even = words & vec4u(COORDINATE_MASK);
  let odd = (words >> vec4u(16u)) & vec4u(COORDINATE_MASK);
  let e = even * (even + vec4u(1u));
  let o = odd * (odd + vec4u(1u));
  if (DIMENSIONS == 2u) {
    let inside = vec4u(e + o < vec4u(RADIUS_SQUARED));
    return dot(inside, vec4u(vec4u(0u, 1u, 2u, 3u) < vec4u(samples)));
  }
  if (DIMENSIONS == 3u) {
    return hit(e.x + o.x + e.y) + hit(o.y + e.z + o.z) * u32(samples > 1u);
  }
  if (DIMENSIONS == 4u) {
    return hit(e.x + o.x + e.y + o.y) + hit(e.z + o.z + e.w + o.w) * u32(samples > 1u);
  }
  return hit(
    e.x + o.x + e.y + o.y + e.z
    + select(0u, o.z, DIMENSIONS > 5u)
    + select(0u, e.w, DIMENSIONS > 6u)
    + select(0u, o.w, DIMENSIONS > 7u)
  );
}

fn hit(squares: u32) -> u32 {
  return u32(squares < RADIUS_SQUARED);
}

// 16 bits of a block.
fn halfAt(words: vec4u, i: u32) -> u32 {
  return (words[i >> 1u] >> (16u * (i & 1u))) & 0xffffu;
}

// (x + 1/2) summed over the axes is below 2^14.
fn inSimplex(words: vec4u, sample: u32) -> u32 {
  var twice = 0u;
  for (var axis = 0u; axis < DIMENSIONS; axis++) {
    twice += 2u * (halfAt(words, sample * DIMENSIONS + axis) & COORDINATE_MASK) + 1u;
  }
  return u32(twice < 32768u);
}

// One number more than coordinates is below the product of 4 x (1 - x), to 2^-14.
fn underBump(words: vec4u, sample: u32) -> u32 {
  let first = sample * (DIMENSIONS + 1u);
  var height = 16384u;
  for (var axis = 0u; axis < DIMENSIONS; axis++) {
    let twice = 2u * (halfAt(words, first + axis) & COORDINATE_MASK) + 1u;
    height = (height * ((twice * (32768u - twice)) >> 14u)) >> 14u;
  }
  return u32((halfAt(words, first + DIMENSIONS) & COORDINATE_MASK) < height);
}

// Whether a walk from the origin is there again after any of its steps, eight of which a block gives.
fn walk(sample: u32, item: u32) -> u32 {
  var low = vec4i();
  var high = vec4i();
  for (var first = 0u; first < STEPS; first += 8u) {
    let words = philox(vec4u(sample, item, first / 8u, 0u));
    for (var i = 0u; i < min(8u, STEPS - first); i++) {
      let way = (halfAt(words, i) * 2u * DIMENSIONS) >> 16u;
      let step = 2 * i32(way & 1u) - 1;
      low += select(vec4i(), vec4i(step), vec4u(way >> 1u) == vec4u(0u, 1u, 2u, 3u));
      high += select(vec4i(), vec4i(step), vec4u(way >> 1u) == vec4u(4u, 5u, 6u, 7u));
      if (all(low == vec4i()) && all(high == vec4i())) { return 1u; }
    }
  }
  return 0u;
}

// Philox4x32-10 with key (SEED, STREAM).
fn philox(counter: vec4u) -> vec4u {
  var c = counter;
  var key = vec2u(SEED, STREAM);
  for (var round = 0u; round < 10u; round++) {
    let high0 = highProduct(0xd2511f53u, c.x);
    let high1 = highProduct(0xcd9e8d57u, c.z);
    c = vec4u(
      high1 ^ c.y ^ key.x,
      0xcd9e8d57u * c.z,
      high0 ^ c.w ^ key.y,
      0xd2511f53u * c.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// Upper 32 bits of a u32 product, by 16-bit halves: WGSL has no wider integer.
fn highProduct(x: u32, y: u32) -> u32 {
  let xLow = x & 0xffffu;
  let xHigh = x >> 16u;
  let yLow = y & 0xffffu;
  let yHigh = y >> 16u;
  let cross = xHigh * yLow + ((xLow * yLow) >> 16u);
  let carry = (cross & 0xffffu) + xLow * yHigh;
  return xHigh * yHigh + (cross >> 16u) + (carry >> 16u);
}
