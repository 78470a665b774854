// nbody@1: kick-drift-kick leapfrog in place, one thread per body; z is the row of the batch.
//
// `begin` copies the inputs, `kick` reads all positions and adds to its own velocity, `drift` moves its
// own position. Neither shared memory nor barriers: a software adapter pays for them, caches do the tiling.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> positions: array<vec4f>;
@group(0) @binding(2) var<storage, read> velocities: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> finalPositions: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> finalVelocities: array<vec4f>;

override BODIES: u32;
// Bodies from one item to the next; 0 where all items share the input.
override POSITIONS_STRIDE: u32 = 0;
override VELOCITIES_STRIDE: u32 = 0;
// Gravity times the seconds of this kick; the seconds of a drift.
override KICK: f32 = 0;
override DRIFT: f32 = 0;
override SOFTENING_SQUARED: f32 = 1;

@compute @workgroup_size(64)
fn begin(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let body = (group.x + base.x) * 64u + thread.x;
  if (body >= BODIES) { return; }
  let row = group.z + base.z;
  finalPositions[row * BODIES + body] = positions[row * POSITIONS_STRIDE + body];
  finalVelocities[row * BODIES + body] = velocities[row * VELOCITIES_STRIDE + body];
}

@compute @workgroup_size(64)
fn kick(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let body = (group.x + base.x) * 64u + thread.x;
  if (body >= BODIES) { return; }
  let first = (group.z + base.z) * BODIES;
  let place = finalPositions[first + body].xyz;
  var acceleration = vec3f();
  for (var j = first; j < first + BODIES; j++) {
    let other = finalPositions[j];
    let apart = other.xyz - place;
    let inverse = inverseSqrt(dot(apart, apart) + SOFTENING_SQUARED);
    acceleration += apart * (other.w * inverse * inverse * inverse);
  }
  finalVelocities[first + body] += vec4f(acceleration * KICK, 0);
}

@compute @workgroup_size(64)
fn drift(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let body = (group.x + base.x) * 64u + thread.x;
  if (body >= BODIES) { return; }
  let at = (group.z + base.z) * BODIES + body;
  finalPositions[at] += vec4f(finalVelocities[at].xyz * DRIFT, 0);
}
