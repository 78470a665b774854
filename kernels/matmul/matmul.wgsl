// matmul@1: one thread computes an 8 x 8 tile of c in registers; z is the row of the batch.
//
// Neither shared memory nor barriers. Accumulators are named, because an indexed array spills to memory
// (3 times slower). Indices past an edge are clamped to it: what they compute is never stored.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

override M: u32;
override K: u32;
override N: u32;
// Values from one item's matrix to the next; 0 where all items share it.
override A_STRIDE: u32;
override B_STRIDE: u32;

fn store(offset: u32, column: u32, low: vec4f, high: vec4f) {
  let first = offset + column;
  c[first] = low.x;
  if (column + 1u < N) { c[first + 1u] = low.y; }
  if (column + 2u < N) { c[first + 2u] = low.z; }
  if (column + 3u < N) { c[first + 3u] = low.w; }
  if (column + 4u < N) { c[first + 4u] = high.x; }
  if (column + 5u < N) { c[first + 5u] = high.y; }
  if (column + 6u < N) { c[first + 6u] = high.z; }
  if (column + 7u < N) { c[first + 7u] = high.w; }
}

@compute @workgroup_size(8, 8)
fn tile8(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let column = ((group.x + base.x) * 8u + thread.x) * 8u;
  let row = ((group.y + base.y) * 8u + thread.y) * 8u;
  if (row >= M || column >= N) { return; }
  let item = group.z + base.z;

  var a0 = item * A_STRIDE + min(row + 0u, M - 1u) * K;
  var a1 = item * A_STRIDE + min(row + 1u, M - 1u) * K;
  var a2 = item * A_STRIDE + min(row + 2u, M - 1u) * K;
  var a3 = item * A_STRIDE + min(row + 3u, M - 1u) * K;
  var a4 = item * A_STRIDE + min(row + 4u, M - 1u) * K;
  var a5 = item * A_STRIDE + min(row + 5u, M - 1u) * K;
  var a6 = item * A_STRIDE + min(row + 6u, M - 1u) * K;
  var a7 = item * A_STRIDE + min(row + 7u, M - 1u) * K;

  var b0 = item * B_STRIDE + min(column + 0u, N - 1u);
  var b1 = item * B_STRIDE + min(column + 1u, N - 1u);
  var b2 = item * B_STRIDE + min(column + 2u, N - 1u);
  var b3 = item * B_STRIDE + min(column + 3u, N - 1u);
  var b4 = item * B_STRIDE + min(column + 4u, N - 1u);
  var b5 = item * B_STRIDE + min(column + 5u, N - 1u);
  var b6 = item * B_STRIDE + min(column + 6u, N - 1u);
  var b7 = item * B_STRIDE + min(column + 7u, N - 1u);

  var low0 = vec4f();
  var high0 = vec4f();
  var low1 = vec4f();
  var high1 = vec4f();
  var low2 = vec4f();
  var high2 = vec4f();
  var low3 = vec4f();
  var high3 = vec4f();
  var low4 = vec4f();
  var high4 = vec4f();
  var low5 = vec4f();
  var high5 = vec4f();
  var low6 = vec4f();
  var high6 = vec4f();
  var low7 = vec4f();
  var high7 = vec4f();

  for (var k = 0u; k < K; k++) {
    let low = vec4f(b[b0], b[b1], b[b2], b[b3]);
    let high = vec4f(b[b4], b[b5], b[b6], b[b7]);
    let left0 = a[a0];
    let left1 = a[a1];
    let left2 = a[a2];
    let left3 = a[a3];
    let left4 = a[a4];
    let left5 = a[a5];
    let left6 = a[a6];
    let left7 = a[a7];
    low0 += left0 * low;
    high0 += left0 * high;
    low1 += left1 * low;
    high1 += left1 * high;
    low2 += left2 * low;
    high2 += left2 * high;
    low3 += left3 * low;
    high3 += left3 * high;
    low4 += left4 * low;
    high4 += left4 * high;
    low5 += left5 * low;
    high5 += left5 * high;
    low6 += left6 * low;
    high6 += left6 * high;
    low7 += left7 * low;
    high7 += left7 * high;
    a0 += 1u;
    a1 += 1u;
    a2 += 1u;
    a3 += 1u;
    a4 += 1u;
    a5 += 1u;
    a6 += 1u;
    a7 += 1u;
    b0 += N;
    b1 += N;
    b2 += N;
    b3 += N;
    b4 += N;
    b5 += N;
    b6 += N;
    b7 += N;
  }

  let c0 = item * M * N + row * N;
  store(c0, column, low0, high0);
  if (row + 1u < M) { store(c0 + 1u * N, column, low1, high1); }
  if (row + 2u < M) { store(c0 + 2u * N, column, low2, high2); }
  if (row + 3u < M) { store(c0 + 3u * N, column, low3, high3); }
  if (row + 4u < M) { store(c0 + 4u * N, column, low4, high4); }
  if (row + 5u < M) { store(c0 + 5u * N, column, low5, high5); }
  if (row + 6u < M) { store(c0 + 6u * N, column, low6, high6); }
  if (row + 7u < M) { store(c0 + 7u * N, column, low7, high7); }
}
