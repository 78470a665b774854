// kmeans@1: `assign` finds the nearest centroid of each point, `addUp` sums a lane's points by cluster, a thread for
// each axis, `total` adds up the lanes. z is the row of the batch.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> points: array<i32>;
@group(0) @binding(2) var<storage, read> centroids: array<i32>;
@group(0) @binding(3) var<storage, read_write> distances: array<u32>;
// Of each lane: for each cluster the sums of its DIMENSIONS axes and how many points it has; then, once, the low and
// the high word of the sum of distances.
@group(0) @binding(4) var<storage, read_write> laneSums: array<u32>;
@group(0) @binding(5) var<storage, read_write> labels: array<u32>;
@group(0) @binding(6) var<storage, read_write> counts: array<u32>;
@group(0) @binding(7) var<storage, read_write> sums: array<u32>;
@group(0) @binding(8) var<storage, read_write> inertia: array<vec2u>;

override POINTS: u32 = 1;
override DIMENSIONS: u32;
override CLUSTERS: u32;
// Coordinates from one item to the next; 0 where all items share them.
override POINTS_STRIDE: u32 = 0;
override CENTROIDS_STRIDE: u32 = 0;
override LANES: u32 = 1;

@compute @workgroup_size(64)
fn assign(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let first = ((group.x + base.x) * 64u + thread.x) * 4u;
  if (first >= POINTS) { return; }
  let row = group.z + base.z;
  // Four points and four centroids at a time: 8 loads for 16 products. Past the last of either it is taken again: such
  // a point is not stored, and such a centroid is no nearer than before.
  let point = row * POINTS_STRIDE + min(vec4u(first) + FOUR, vec4u(POINTS - 1u)) * DIMENSIONS;
  var nearest0 = vec2u(0xffffffffu, 0u);
  var nearest1 = nearest0;
  var nearest2 = nearest0;
  var nearest3 = nearest0;
  for (var cluster = 0u; cluster < CLUSTERS; cluster += 4u) {
    let those = min(vec4u(cluster) + FOUR, vec4u(CLUSTERS - 1u));
    let centroid = row * CENTROIDS_STRIDE + those * DIMENSIONS;
    var squares0 = vec4i();
    var squares1 = vec4i();
    var squares2 = vec4i();
    var squares3 = vec4i();
    for (var axis = 0u; axis < DIMENSIONS; axis++) {
      let at = vec4i(
        centroids[centroid.x + axis],
        centroids[centroid.y + axis],
        centroids[centroid.z + axis],
        centroids[centroid.w + axis],
      );
      let apart0 = at - points[point.x + axis];
      let apart1 = at - points[point.y + axis];
      let apart2 = at - points[point.z + axis];
      let apart3 = at - points[point.w + axis];
      squares0 += apart0 * apart0;
      squares1 += apart1 * apart1;
      squares2 += apart2 * apart2;
      squares3 += apart3 * apart3;
    }
    nearest0 = nearer(nearest0, squares0, those);
    nearest1 = nearer(nearest1, squares1, those);
    nearest2 = nearer(nearest2, squares2, those);
    nearest3 = nearer(nearest3, squares3, those);
  }
  store(row, first, nearest0);
  store(row, first + 1u, nearest1);
  store(row, first + 2u, nearest2);
  store(row, first + 3u, nearest3);
}

const FOUR = vec4u(0u, 1u, 2u, 3u);

// A distance and its cluster, the nearest of five; ties keep the first.
fn nearer(nearest: vec2u, squares: vec4i, clusters: vec4u) -> vec2u {
  let those = bitcast<vec4u>(squares);
  let x = select(nearest, vec2u(those.x, clusters.x), those.x < nearest.x);
  let y = select(x, vec2u(those.y, clusters.y), those.y < x.x);
  let z = select(y, vec2u(those.z, clusters.z), those.z < y.x);
  return select(z, vec2u(those.w, clusters.w), those.w < z.x);
}

fn store(row: u32, i: u32, nearest: vec2u) {
  if (i >= POINTS) { return; }
  distances[row * POINTS + i] = nearest.x;
  labels[row * POINTS + i] = nearest.y;
}

// Threads of a lane lie side by side: one for each axis, one that counts, one that adds up distances.
@compute @workgroup_size(64)
fn addUp(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let index = (group.x + base.x) * 64u + thread.x;
  let lane = index / (DIMENSIONS + 2u);
  if (lane >= LANES) { return; }
  let axis = index % (DIMENSIONS + 2u);
  let row = group.z + base.z;
  let first = (row * LANES + lane) * (CLUSTERS * (DIMENSIONS + 1u) + 2u);
  if (axis == DIMENSIONS + 1u) {
    var low = 0u;
    var high = 0u;
    for (var i = lane; i < POINTS; i += LANES) {
      let distance = distances[row * POINTS + i];
      low += distance;
      high += u32(low < distance);
    }
    let words = first + CLUSTERS * (DIMENSIONS + 1u);
    laneSums[words] = low;
    laneSums[words + 1u] = high;
    return;
  }
  for (var cluster = 0u; cluster < CLUSTERS; cluster++) {
    laneSums[first + cluster * (DIMENSIONS + 1u) + axis] = 0u;
  }
  for (var i = lane; i < POINTS; i += LANES) {
    let slot = first + labels[row * POINTS + i] * (DIMENSIONS + 1u) + axis;
    if (axis == DIMENSIONS) {
      laneSums[slot] += 1u;
    } else {
      laneSums[slot] += bitcast<u32>(points[row * POINTS_STRIDE + i * DIMENSIONS + axis]);
    }
  }
}

// A thread for each sum and count, and one for both words of the distances.
@compute @workgroup_size(64)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let slot = (group.x + base.x) * 64u + thread.x;
  let slots = CLUSTERS * (DIMENSIONS + 1u);
  if (slot > slots) { return; }
  let row = group.z + base.z;
  var low = 0u;
  var high = 0u;
  for (var lane = row * LANES; lane < (row + 1u) * LANES; lane++) {
    let own = laneSums[lane * (slots + 2u) + slot];
    low += own;
    high += u32(low < own);
    if (slot == slots) { high += laneSums[lane * (slots + 2u) + slot + 1u]; }
  }
  let cluster = slot / (DIMENSIONS + 1u);
  let axis = slot % (DIMENSIONS + 1u);
  if (slot == slots) {
    inertia[row] = vec2u(low, high);
  } else if (axis == DIMENSIONS) {
    counts[row * CLUSTERS + cluster] = low;
  } else {
    sums[(row * CLUSTERS + cluster) * DIMENSIONS + axis] = low;
  }
}
