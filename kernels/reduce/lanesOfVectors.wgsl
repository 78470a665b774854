// A lane reads every LANES-th four values: where items are of whole fours. One load then serves four chains of additions.
@group(0) @binding(1) var<storage, read> x: array<vec4f>;

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
  var at = row * (STRIDE / 4u) + lane;
  let end = row * (STRIDE / 4u) + LENGTH / 4u;
  while (at < end) {
    var someSums = vec4f();
    var someMagnitudes = vec4f();
    for (var i = 0u; i < BLOCK && at < end; i++) {
      let values = x[at];
      someSums += select(values, values * values, IS_NORM == 1u);
      someMagnitudes += abs(values);
      at += LANES;
    }
    sums += someSums;
    magnitudes += someMagnitudes;
  }
  partials[row * LANES + lane] = vec2f(
    (sums.x + sums.y) + (sums.z + sums.w),
    (magnitudes.x + magnitudes.y) + (magnitudes.z + magnitudes.w),
  );
}
