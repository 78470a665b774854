// reduce@1 by workgroups: the threads of one add up strided values, then one another's sums (`totalOf`, which
// `shader.ts` puts beside this). `partial` makes one sum of each workgroup, `total` one of a row's workgroups.
// z is the row of the batch.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

override LENGTH: u32 = 1;
// Values from one item to the next; 0 where all items share them.
override STRIDE: u32 = 0;
// Workgroups of `partial` for one row; not more than THREADS.
override GROUPS: u32;
// 1: a square is added up for each value, and the root is the result.
override IS_NORM: u32;

const THREADS = 256u;

@compute @workgroup_size(THREADS)
fn partial(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let row = group.z + base.z;
  let step = GROUPS * THREADS;
  let end = row * STRIDE + LENGTH;
  var sums = vec4f();
  var magnitudes = vec4f();
  var at = row * STRIDE + (group.x + base.x) * THREADS + thread;
  for (; at + 3u * step < end; at += 4u * step) {
    let values = vec4f(x[at], x[at + step], x[at + 2u * step], x[at + 3u * step]);
    sums += select(values, values * values, IS_NORM == 1u);
    magnitudes += abs(values);
  }
  for (; at < end; at += step) {
    let value = x[at];
    sums.x += select(value, value * value, IS_NORM == 1u);
    magnitudes.x += abs(value);
  }
  let mine = vec2f(
    (sums.x + sums.y) + (sums.z + sums.w),
    (magnitudes.x + magnitudes.y) + (magnitudes.z + magnitudes.w),
  );
  let all = totalOf(mine, thread);
  if (thread == 0u) { partials[row * GROUPS + group.x + base.x] = all; }
}

@compute @workgroup_size(THREADS)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let row = group.z + base.z;
  var mine = vec2f();
  if (thread < GROUPS) { mine = partials[row * GROUPS + thread]; }
  let all = totalOf(mine, thread);
  if (thread != 0u) { return; }
  if (IS_NORM == 1u) {
    result[row] = sqrt(all.x);
  } else {
    result[2u * row] = all.x;
    result[2u * row + 1u] = all.y;
  }
}
