// reduceExact@1, `max` and `min`: `partial` finds the largest key among every LANES-th value of a row in one lane,
// `whole` that of a row's lanes in one thread. Values are the bits of f32, and keys are integers in the values' order.
// z is the row of the batch in `partial`.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> x: array<u32>;
// A key and its place.
@group(0) @binding(2) var<storage, read_write> partials: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> value: array<u32>;
@group(0) @binding(4) var<storage, read_write> place: array<u32>;

override LENGTH: u32 = 1;
// Values from one item to the next; 0 where all items share them.
override STRIDE: u32;
override LANES: u32;
override IS_MIN: u32 = 0;

@compute @workgroup_size(64)
fn partial(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let first = row * STRIDE;
  // Below every key.
  var keys = vec4u();
  var places = vec4u(lane);
  var at = lane;
  // Four values at a time; neighbouring lanes read neighbouring values.
  for (; at + 3u * LANES < LENGTH; at += 4u * LANES) {
    let those = vec4u(at, at + LANES, at + 2u * LANES, at + 3u * LANES);
    let i = those + vec4u(first);
    let found = keysOf(vec4u(x[i.x], x[i.y], x[i.z], x[i.w]));
    places = select(places, those, found > keys);
    keys = max(keys, found);
  }
  for (; at < LENGTH; at += LANES) {
    let found = keysOf(vec4u(x[first + at], 0u, 0u, 0u)).x;
    if (found > keys.x) { places.x = at; }
    keys.x = max(keys.x, found);
  }
  let left = better(vec2u(keys.x, places.x), vec2u(keys.y, places.y));
  let right = better(vec2u(keys.z, places.z), vec2u(keys.w, places.w));
  partials[row * LANES + lane] = better(left, right);
}

@compute @workgroup_size(64)
fn whole(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row >= arrayLength(&place)) { return; }
  var best = partials[row * LANES];
  for (var at = row * LANES; at < (row + 1u) * LANES; at++) {
    best = better(best, partials[at]);
  }
  value[row] = x[row * STRIDE + best.y];
  place[row] = best.y;
}

// The larger key, and of equal ones that of the first place.
fn better(a: vec2u, b: vec2u) -> vec2u {
  return select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y));
}

// Larger for larger values, or for smaller ones where IS_MIN; never 0, equal for both zeros, largest for NaN.
fn keysOf(bits: vec4u) -> vec4u {
  let sign = vec4u(0x80000000u);
  let positive = select(bits, vec4u(0u), bits == sign) | sign;
  let key = select(positive, ~bits, bits > sign);
  let isNan = (bits & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
  return select(select(key, ~key, IS_MIN == 1u), vec4u(0xffffffffu), isNan);
}
