// reduceExact@1, `sum`: `partial` adds up every LANES-th value of a row in one lane, `whole` a row's lanes in one
// thread. Values are the bits of f32, and every step is in integers. z is the row of the batch in `partial`.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> x: array<u32>;
// Low word and high word of a sum, and how many values were too large; the last word stays as it is.
@group(0) @binding(2) var<storage, read_write> partials: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> total: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> saturated: array<u32>;

override LENGTH: u32 = 1;
// Values from one item to the next; 0 where all items share them.
override STRIDE: u32;
override LANES: u32;
override FRACTION_BITS: i32 = 0;

@compute @workgroup_size(64)
fn partial(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  var sum = Sum(vec4u(), vec4i(), vec4u());
  var at = row * STRIDE + lane;
  let end = row * STRIDE + LENGTH;
  // Four values at a time; neighbouring lanes read neighbouring values.
  for (; at + 3u * LANES < end; at += 4u * LANES) {
    sum = sumWith(sum, vec4u(x[at], x[at + LANES], x[at + 2u * LANES], x[at + 3u * LANES]));
  }
  for (; at < end; at += LANES) {
    sum = sumWith(sum, vec4u(x[at], 0u, 0u, 0u));
  }
  // Of at most 2^11 values: below 2^27 and 2^26.
  let low = sum.low.x + sum.low.y + sum.low.z + sum.low.w;
  let high = sum.high.x + sum.high.y + sum.high.z + sum.high.w;
  let large = sum.saturated.x + sum.saturated.y + sum.saturated.z + sum.saturated.w;
  let shifted = vec4u(u32(high) << 16u, u32(high >> 16u), 0u, 0u);
  partials[row * LANES + lane] = added(shifted, vec4u(low, 0u, large, 0u));
}

@compute @workgroup_size(64)
fn whole(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row >= arrayLength(&saturated)) { return; }
  var sum = vec4u();
  for (var at = row * LANES; at < (row + 1u) * LANES; at++) {
    sum = added(sum, partials[at]);
  }
  total[row] = sum.xy;
  saturated[row] = sum.z;
}

// Sums of 64 bits in two words, with the carry of the lower; the other two words add up by themselves.
fn added(a: vec4u, b: vec4u) -> vec4u {
  let sum = a + b;
  return vec4u(sum.x, sum.y + u32(sum.x < a.x), sum.z, sum.w);
}

// Of four values each: lower and upper halves of their integers, added up apart, so that no carry is lost.
struct Sum {
  low: vec4u,
  high: vec4i,
  saturated: vec4u,
}

fn sumWith(sum: Sum, bits: vec4u) -> Sum {
  let exponent = vec4i((bits >> vec4u(23u)) & vec4u(0xffu));
  let fraction = bits & vec4u(0x7fffffu);
  let size = rounded(fraction | vec4u(0x800000u), exponent + vec4i(FRACTION_BITS - 150));
  // Subnormal values are far below half of any step; NaN counts as zero.
  let isNan = (exponent == vec4i(255)) & (fraction != vec4u(0u));
  let counts = select(min(size, vec4u(0x7fffffffu)), vec4u(0u), isNan | (exponent == vec4i(0)));
  let term = vec4i(select(counts, vec4u(0u) - counts, bits > vec4u(0x7fffffffu)));
  return Sum(
    sum.low + (vec4u(term) & vec4u(0xffffu)),
    sum.high + (term >> vec4u(16u)),
    sum.saturated + vec4u(size > vec4u(0x7fffffffu)),
  );
}

// significand x 2^shift, for significands of 24 bits, rounded to an integer, ties to even; 2^31 or more where that is.
// Without branches: neighbouring values would take different ones.
fn rounded(significand: vec4u, shift: vec4i) -> vec4u {
  let shifted = significand << vec4u(clamp(shift, vec4i(0), vec4i(8)));
  let drop = vec4u(clamp(-shift, vec4i(0), vec4i(26)));
  let isOdd = (shifted >> drop) & vec4u(1u);
  let half = (vec4u(1u) << drop) >> vec4u(1u);
  let up = select(vec4u(0u), half + isOdd - vec4u(1u), shift < vec4i(0));
  return (shifted + up) >> drop;
}
