// sort@1: a pass over the keys for each digit of 8 bits, from the lowest on. z is the row of the batch but in `starts`,
// where x is.
//
// A load makes pairs of a key and its value. For each digit `count` counts it in each lane's share, `ranks` makes of
// the counts how many keys of a digit lie in lanes before, `starts` how many are of lower digits, and `scatter` moves
// a lane's pairs in order. It turns keys by a digit, so that each pass sees its own in the lowest bits.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
// Two halves of LENGTH for each row: a pass reads one and writes the other.
@group(0) @binding(2) var<storage, read_write> pairs: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>;
@group(0) @binding(4) var<storage, read_write> digitStarts: array<u32>;
@group(0) @binding(5) var<storage, read_write> sortedKeys: array<u32>;
@group(0) @binding(6) var<storage, read_write> sortedValues: array<u32>;
@group(0) @binding(7) var<storage, read> values: array<u32>;

override LENGTH: u32;
// Words from one item to the next; 0 where all items share them.
override KEYS_STRIDE: u32 = 0;
override VALUES_STRIDE: u32 = 0;
override LANES: u32 = 1;
override PER_LANE: u32 = 1;
// Which half of the pairs is read: 0 or 1.
override HALF: u32 = 0;
// All bits where the order is descending: the keys are inverted meanwhile.
override FLIP: u32 = 0;
// Bits by which the passes have turned the keys.
override TURN: u32 = 0;

const DIGITS = 256u;
const DIGIT_BITS = 8u;
// Of loads and stores; 64 keys apart, so that neighbouring threads read neighbouring keys.
const KEYS_PER_THREAD = 16u;

@compute @workgroup_size(64)
fn loadPlaces(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let first = (group.x + base.x) * 64u * KEYS_PER_THREAD + thread.x;
  if (first >= LENGTH) { return; }
  let row = group.z + base.z;
  for (var i = first; i < min(first + 64u * KEYS_PER_THREAD, LENGTH); i += 64u) {
    pairs[2u * row * LENGTH + i] = vec2u(keys[row * KEYS_STRIDE + i] ^ FLIP, i);
  }
}

@compute @workgroup_size(64)
fn loadValues(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let first = (group.x + base.x) * 64u * KEYS_PER_THREAD + thread.x;
  if (first >= LENGTH) { return; }
  let row = group.z + base.z;
  for (var i = first; i < min(first + 64u * KEYS_PER_THREAD, LENGTH); i += 64u) {
    let value = values[row * VALUES_STRIDE + i];
    pairs[2u * row * LENGTH + i] = vec2u(keys[row * KEYS_STRIDE + i] ^ FLIP, value);
  }
}

@compute @workgroup_size(64)
fn count(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let counters = (row * LANES + lane) * DIGITS;
  for (var digit = 0u; digit < DIGITS; digit++) {
    counts[counters + digit] = 0u;
  }
  let first = (2u * row + HALF) * LENGTH;
  for (var i = lane * PER_LANE; i < min((lane + 1u) * PER_LANE, LENGTH); i++) {
    counts[counters + pairs[first + i].x % DIGITS] += 1u;
  }
}

@compute @workgroup_size(64)
fn ranks(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let digit = (group.x + base.x) * 64u + thread.x;
  if (digit >= DIGITS) { return; }
  let row = group.z + base.z;
  var sum = 0u;
  for (var lane = row * LANES; lane < (row + 1u) * LANES; lane++) {
    let own = counts[lane * DIGITS + digit];
    counts[lane * DIGITS + digit] = sum;
    sum += own;
  }
  digitStarts[row * DIGITS + digit] = sum;
}

@compute @workgroup_size(64)
fn starts(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row * LENGTH >= arrayLength(&sortedKeys)) { return; }
  var sum = 0u;
  for (var at = row * DIGITS; at < (row + 1u) * DIGITS; at++) {
    let own = digitStarts[at];
    digitStarts[at] = sum;
    sum += own;
  }
}

@compute @workgroup_size(64)
fn scatter(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let counters = (row * LANES + lane) * DIGITS;
  let goal = (2u * row + 1u - HALF) * LENGTH;
  for (var digit = 0u; digit < DIGITS; digit++) {
    counts[counters + digit] += digitStarts[row * DIGITS + digit] + goal;
  }
  let first = (2u * row + HALF) * LENGTH;
  for (var i = lane * PER_LANE; i < min((lane + 1u) * PER_LANE, LENGTH); i++) {
    let pair = pairs[first + i];
    let counter = counters + pair.x % DIGITS;
    let place = counts[counter];
    counts[counter] = place + 1u;
    pairs[place] = vec2u((pair.x >> DIGIT_BITS) | (pair.x << (32u - DIGIT_BITS)), pair.y);
  }
}

@compute @workgroup_size(64)
fn storeKeys(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let first = (group.x + base.x) * 64u * KEYS_PER_THREAD + thread.x;
  if (first >= LENGTH) { return; }
  let row = group.z + base.z;
  for (var i = first; i < min(first + 64u * KEYS_PER_THREAD, LENGTH); i += 64u) {
    sortedKeys[row * LENGTH + i] = whole(pairs[(2u * row + HALF) * LENGTH + i].x);
  }
}

@compute @workgroup_size(64)
fn storeBoth(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let first = (group.x + base.x) * 64u * KEYS_PER_THREAD + thread.x;
  if (first >= LENGTH) { return; }
  let row = group.z + base.z;
  for (var i = first; i < min(first + 64u * KEYS_PER_THREAD, LENGTH); i += 64u) {
    let pair = pairs[(2u * row + HALF) * LENGTH + i];
    sortedKeys[row * LENGTH + i] = whole(pair.x);
    sortedValues[row * LENGTH + i] = pair.y;
  }
}

// The key as it was given.
fn whole(key: u32) -> u32 {
  return ((key << TURN) | (key >> ((32u - TURN) % 32u))) ^ FLIP;
}
