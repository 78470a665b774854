// The roof of arithmetic: eight chains of f32 multiply-adds a thread, which wait for nothing but themselves.
//
// A round is four steps of each chain: 8 x 4 x 4 multiply-adds. Factors come from memory, so that no compiler can know
// where the chains go; with 0.5 and 0.5 they go to 1 and stay there, far from slow subnormal numbers.
@group(0) @binding(0) var<storage, read> factors: array<vec4f, 2>;
@group(0) @binding(1) var<storage, read_write> sums: array<vec4f>;

override ROUNDS: u32;

@compute @workgroup_size(256)
fn peak(@builtin(global_invocation_id) thread: vec3u) {
  if (thread.x >= arrayLength(&sums)) { return; }
  let x = factors[0];
  let y = factors[1];
  let start = vec4f(f32(thread.x % 2u));
  var a = start;
  var b = start + 2;
  var c = start + 4;
  var d = start + 6;
  var e = start + 8;
  var f = start + 10;
  var g = start + 12;
  var h = start + 14;
  for (var round = 0u; round < ROUNDS; round++) {
    a = a * x + y; b = b * x + y; c = c * x + y; d = d * x + y;
    e = e * x + y; f = f * x + y; g = g * x + y; h = h * x + y;
    a = a * x + y; b = b * x + y; c = c * x + y; d = d * x + y;
    e = e * x + y; f = f * x + y; g = g * x + y; h = h * x + y;
    a = a * x + y; b = b * x + y; c = c * x + y; d = d * x + y;
    e = e * x + y; f = f * x + y; g = g * x + y; h = h * x + y;
    a = a * x + y; b = b * x + y; c = c * x + y; d = d * x + y;
    e = e * x + y; f = f * x + y; g = g * x + y; h = h * x + y;
  }
  sums[thread.x] = a + b + c + d + e + f + g + h;
}
