// scan@1: `addUp` sums a chunk in each lane, `offsets` makes of these sums, in one thread, where each chunk begins,
// `scan` goes through the chunks again. z is the row of the batch but in `offsets`, where x is.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> chunkSums: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<u32>;

override LENGTH: u32;
// Values from one item to the next; 0 where all items share them.
override STRIDE: u32 = 0;
override CHUNKS: u32;
override PER_CHUNK: u32 = 1;
override IS_INCLUSIVE: u32 = 1;

@compute @workgroup_size(64)
fn addUp(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let chunk = (group.x + base.x) * 64u + thread.x;
  if (chunk >= CHUNKS) { return; }
  let row = group.z + base.z;
  var at = row * STRIDE + chunk * PER_CHUNK;
  let end = row * STRIDE + min((chunk + 1u) * PER_CHUNK, LENGTH);
  var four = vec4u();
  for (; at + 3u < end; at += 4u) {
    four += vec4u(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
  }
  var sum = four.x + four.y + four.z + four.w;
  for (; at < end; at++) {
    sum += x[at];
  }
  chunkSums[row * CHUNKS + chunk] = sum;
}

@compute @workgroup_size(64)
fn offsets(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row * LENGTH >= arrayLength(&sums)) { return; }
  var sum = 0u;
  for (var at = row * CHUNKS; at < (row + 1u) * CHUNKS; at++) {
    let own = chunkSums[at];
    chunkSums[at] = sum;
    sum += own;
  }
}

@compute @workgroup_size(64)
fn scan(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let chunk = (group.x + base.x) * 64u + thread.x;
  if (chunk >= CHUNKS) { return; }
  let row = group.z + base.z;
  var at = row * STRIDE + chunk * PER_CHUNK;
  var goal = row * LENGTH + chunk * PER_CHUNK;
  let end = row * LENGTH + min((chunk + 1u) * PER_CHUNK, LENGTH);
  var sum = chunkSums[row * CHUNKS + chunk];
  for (; goal + 3u < end; goal += 4u) {
    let own = vec4u(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
    let pairs = own + vec4u(0u, own.x, 0u, own.z);
    let upTo = pairs + vec4u(sum, sum, sum + pairs.y, sum + pairs.y);
    let those = select(upTo - own, upTo, IS_INCLUSIVE == 1u);
    sums[goal] = those.x;
    sums[goal + 1u] = those.y;
    sums[goal + 2u] = those.z;
    sums[goal + 3u] = those.w;
    sum = upTo.w;
    at += 4u;
  }
  for (; goal < end; goal++) {
    let next = sum + x[at];
    sums[goal] = select(sum, next, IS_INCLUSIVE == 1u);
    sum = next;
    at += 1u;
  }
}
