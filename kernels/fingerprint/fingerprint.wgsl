// The fingerprint: one thread per probe. Operands are data, so that no compiler computes a probe for the device.
@group(0) @binding(0) var<storage, read> probes: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> bits: array<u32>;

@compute @workgroup_size(64)
fn measure(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&bits)) { return; }
  let probe = probes[id.x];
  let a = bitcast<f32>(probe.y);
  let b = bitcast<f32>(probe.z);
  let c = bitcast<f32>(probe.w);
  var made = 0.0;
  // In the order of OPERATIONS in probes.ts.
  switch (probe.x) {
    case 0u: { made = a + b; }
    case 1u: { made = a - b; }
    case 2u: { made = a * b; }
    case 3u: { made = a / b; }
    case 4u: { made = sqrt(a); }
    case 5u: { made = a * b + c; }
    case 6u: { made = fma(a, b, c); }
    case 7u: { made = (a + b) - a; }
    case 8u: { made = f32(probe.y); }
    case 9u: { made = exp(a); }
    case 10u: { made = exp2(a); }
    case 11u: { made = log(a); }
    case 12u: { made = log2(a); }
    case 13u: { made = sin(a); }
    case 14u: { made = cos(a); }
    case 15u: { made = pow(a, b); }
    case 16u: { made = inverseSqrt(a); }
    default: {}
  }
  bits[id.x] = bitcast<u32>(made);
}
