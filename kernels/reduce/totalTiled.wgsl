var<workgroup> sharedSums: array<vec2f, THREADS>;

const FEW = 16u;

// The sum over a workgroup, in two steps of 16 terms: a barrier costs more than to add up what another might have.
// Whole only in thread 0. Once in an entry point: nothing waits at its end.
fn totalOf(mine: vec2f, thread: u32) -> vec2f {
  sharedSums[thread] = mine;
  workgroupBarrier();
  if (thread < FEW) {
    var some = vec2f();
    for (var i = thread; i < THREADS; i += FEW) { some += sharedSums[i]; }
    sharedSums[thread] = some;
  }
  workgroupBarrier();
  var all = vec2f();
  if (thread != 0u) { return all; }
  for (var i = 0u; i < FEW; i++) { all += sharedSums[i]; }
  return all;
}
