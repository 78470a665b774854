var<workgroup> sharedSums: array<vec2f, THREADS>;
// A bit for each thread that wrote to `sharedSums`: WGSL does not say which threads make a subgroup, and a sum in
// the order of arrival would differ from run to run.
var<workgroup> writers: array<atomic<u32>, THREADS / 32u>;

// The sum over a workgroup; whole only in thread 0. Once in an entry point: nothing waits at its end.
fn totalOf(mine: vec2f, thread: u32) -> vec2f {
  let ours = subgroupAdd(mine);
  if (subgroupElect()) {
    sharedSums[thread] = ours;
    atomicOr(&writers[thread / 32u], 1u << (thread % 32u));
  }
  workgroupBarrier();
  var all = vec2f();
  if (thread != 0u) { return all; }
  for (var word = 0u; word < THREADS / 32u; word++) {
    for (var bits = atomicLoad(&writers[word]); bits != 0u; bits &= bits - 1u) {
      all += sharedSums[word * 32u + firstTrailingBit(bits)];
    }
  }
  return all;
}
