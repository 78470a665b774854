// reduce@1 by threads that know nothing of one another: `partial` adds up a share of a row in one lane, `total` a row's
// lanes in one thread. z is the row of the batch in `partial`. How a lane reads is in a file beside this one.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(2) var<storage, read_write> partials: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

override LENGTH: u32 = 1;
// Values from one item to the next; 0 where all items share them.
override STRIDE: u32 = 0;
override LANES: u32;
// 1: a square is added up for each value, and the root is the result.
override IS_NORM: u32;

// Terms of one chain of additions: the error of a sum of equal values grows with its longest chain.
const BLOCK = 32u;

@compute @workgroup_size(64)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row * (2u - IS_NORM) >= arrayLength(&result)) { return; }
  var all = vec2f();
  let end = (row + 1u) * LANES;
  for (var first = row * LANES; first < end; first += BLOCK) {
    var some = vec2f();
    for (var at = first; at < min(first + BLOCK, end); at++) { some += partials[at]; }
    all += some;
  }
  if (IS_NORM == 1u) {
    result[row] = sqrt(all.x);
  } else {
    result[2u * row] = all.x;
    result[2u * row + 1u] = all.y;
  }
}
