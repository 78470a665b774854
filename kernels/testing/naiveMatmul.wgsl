// The textbook matrix product, one thread per output: the peer that the register tile is measured against.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

override M: u32;
override K: u32;
override N: u32;
override A_STRIDE: u32;
override B_STRIDE: u32;

@compute @workgroup_size(8, 8)
fn naive(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let column = (group.x + base.x) * 8u + thread.x;
  let row = (group.y + base.y) * 8u + thread.y;
  if (row >= M || column >= N) { return; }
  let item = group.z + base.z;
  var sum = 0.0;
  for (var k = 0u; k < K; k++) {
    sum += a[item * A_STRIDE + row * K + k] * b[item * B_STRIDE + k * N + column];
  }
  c[item * M * N + row * N + column] = sum;
}
