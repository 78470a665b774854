// histogram@1: `count` counts every LANES-th value of a row in counters of one lane, `total` adds up those of one bin
// in one thread. z is the row of the batch.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> x: array<u32>;
// BINS + 2 counters of each lane: the bins, then what is below them, and what is above.
@group(0) @binding(2) var<storage, read_write> laneCounts: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>;
@group(0) @binding(4) var<storage, read_write> outside: array<u32>;

override LENGTH: u32 = 1;
// Values from one item to the next; 0 where all items share them.
override STRIDE: u32 = 0;
override LANES: u32;
override BINS: u32;
override LOW: u32 = 0;
override BIN_WIDTH: u32 = 1;

@compute @workgroup_size(64)
fn count(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let first = (row * LANES + lane) * (BINS + 2u);
  for (var slot = 0u; slot < BINS + 2u; slot++) {
    laneCounts[first + slot] = 0u;
  }
  var at = row * STRIDE + lane;
  let end = row * STRIDE + LENGTH;
  // Four values at a time; neighbouring lanes read neighbouring values.
  for (; at + 3u * LANES < end; at += 4u * LANES) {
    let slots = slotsOf(vec4u(x[at], x[at + LANES], x[at + 2u * LANES], x[at + 3u * LANES]));
    laneCounts[first + slots.x] += 1u;
    laneCounts[first + slots.y] += 1u;
    laneCounts[first + slots.z] += 1u;
    laneCounts[first + slots.w] += 1u;
  }
  for (; at < end; at += LANES) {
    laneCounts[first + slotsOf(vec4u(x[at])).x] += 1u;
  }
}

@compute @workgroup_size(64)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let slot = (group.x + base.x) * 64u + thread.x;
  if (slot >= BINS + 2u) { return; }
  let row = group.z + base.z;
  var sum = 0u;
  for (var lane = row * LANES; lane < (row + 1u) * LANES; lane++) {
    sum += laneCounts[lane * (BINS + 2u) + slot];
  }
  if (slot < BINS) {
    counts[row * BINS + slot] = sum;
  } else {
    outside[2u * row + slot - BINS] = sum;
  }
}

fn slotsOf(values: vec4u) -> vec4u {
  let bins = (values - vec4u(LOW)) / vec4u(BIN_WIDTH);
  let inside = select(bins, vec4u(BINS + 1u), bins >= vec4u(BINS));
  return select(inside, vec4u(BINS), values < vec4u(LOW));
}
