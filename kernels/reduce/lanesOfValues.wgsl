// A lane reads every LANES-th value: neighbouring lanes read neighbouring values.
@group(0) @binding(1) var<storage, read> x: array<f32>;

@compute @workgroup_size(64)
fn partial(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  var sums = vec4f();
  var magnitudes = vec4f();
  var at = row * STRIDE + lane;
  let end = row * STRIDE + LENGTH;
  // Four values at a time, for four chains of additions; neighbouring lanes read neighbouring values.
  while (at + 3u * LANES < end) {
    var someSums = vec4f();
    var someMagnitudes = vec4f();
    for (var i = 0u; i < BLOCK && at + 3u * LANES < end; i++) {
      let values = vec4f(x[at], x[at + LANES], x[at + 2u * LANES], x[at + 3u * LANES]);
      someSums += select(values, values * values, IS_NORM == 1u);
      someMagnitudes += abs(values);
      at += 4u * LANES;
    }
    sums += someSums;
    magnitudes += someMagnitudes;
  }
  for (; at < end; at += LANES) {
    let value = x[at];
    sums.x += select(value, value * value, IS_NORM == 1u);
    magnitudes.x += abs(value);
  }
  partials[row * LANES + lane] = vec2f(
    (sums.x + sums.y) + (sums.z + sums.w),
    (magnitudes.x + magnitudes.y) + (magnitudes.z + magnitudes.w),
  );
}
