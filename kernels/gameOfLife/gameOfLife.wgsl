// gameOfLife@1: `advance` computes 32 cells at once in bit planes, a walk down one column of words per thread, from
// one grid to the other; `tally` and `total` count the living. z is the row of the batch, but for `total`.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> cells: array<u32>;
@group(0) @binding(2) var<storage, read_write> grid: array<u32>;
@group(0) @binding(3) var<storage, read_write> laneTallies: array<u32>;
@group(0) @binding(4) var<storage, read_write> finalCells: array<u32>;
@group(0) @binding(5) var<storage, read_write> population: array<u32>;

// Words of one row of cells.
override ACROSS: u32;
override HEIGHT: u32;
override ROWS_PER_THREAD: u32 = 1;
// Words from one item of the input to the next; 0 where all items share it.
override CELLS_STRIDE: u32 = 0;
// Where a step reads and writes: grid and finalCells take turns.
override FROM_INPUT: u32 = 0;
override TO_OUTPUT: u32 = 0;
// Bit n: what becomes of a dead and of a living cell with n neighbours.
override BIRTH: u32 = 0;
override SURVIVAL: u32 = 0;
override LANES: u32 = 1;
override WORDS_PER_LANE: u32 = 1;

@compute @workgroup_size(64)
fn advance(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let walk = (group.x + base.x) * 64u + thread.x;
  let first = (walk / ACROSS) * ROWS_PER_THREAD;
  if (first >= HEIGHT) { return; }
  let row = group.z + base.z;
  let x = walk % ACROSS;
  let end = min(first + ROWS_PER_THREAD, HEIGHT);
  let above = trio(row, select(first - 1u, HEIGHT - 1u, first == 0u), x);
  var here = trio(row, first, x);
  var aboveSum = sumOf(above);
  var hereSum = sumOf(here);
  for (var y = first; y < end; y++) {
    let below = trio(row, select(y + 1u, 0u, y + 1u == HEIGHT), x);
    let belowSum = sumOf(below);
    let next = ruled(here, aboveSum, belowSum);
    let at = (row * HEIGHT + y) * ACROSS + x;
    if (TO_OUTPUT == 1u) {
      finalCells[at] = next;
    } else {
      grid[at] = next;
    }
    aboveSum = hereSum;
    here = below;
    hereSum = belowSum;
  }
}

@compute @workgroup_size(64)
fn tally(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let lane = (group.x + base.x) * 64u + thread.x;
  if (lane >= LANES) { return; }
  let row = group.z + base.z;
  let words = ACROSS * HEIGHT;
  let end = min((lane + 1u) * WORDS_PER_LANE, words);
  var living = 0u;
  for (var i = lane * WORDS_PER_LANE; i < end; i++) {
    living += countOneBits(finalCells[row * words + i]);
  }
  laneTallies[row * LANES + lane] = living;
}

@compute @workgroup_size(64)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row >= arrayLength(&population)) { return; }
  var living = 0u;
  for (var lane = 0u; lane < LANES; lane++) {
    living += laneTallies[row * LANES + lane];
  }
  population[row] = living;
}

fn wordAt(row: u32, i: u32) -> u32 {
  if (FROM_INPUT == 1u) { return cells[row * CELLS_STRIDE + i]; }
  if (TO_OUTPUT == 1u) { return grid[row * HEIGHT * ACROSS + i]; }
  return finalCells[row * HEIGHT * ACROSS + i];
}

// The left neighbours of a word's cells, the cells, and their right neighbours; rows are rings.
fn trio(row: u32, y: u32, x: u32) -> vec3u {
  let start = y * ACROSS;
  let here = wordAt(row, start + x);
  let left = wordAt(row, start + select(x - 1u, ACROSS - 1u, x == 0u));
  let right = wordAt(row, start + select(x + 1u, 0u, x + 1u == ACROSS));
  return vec3u((here << 1u) | (left >> 31u), here, (here >> 1u) | (right << 31u));
}

// How many of three cells live: the planes of ones and twos.
fn sumOf(three: vec3u) -> vec2u {
  return vec2u(
    three.x ^ three.y ^ three.z,
    (three.x & three.y) | (three.z & (three.x | three.y)),
  );
}

// The next state of a word's cells.
fn ruled(here: vec3u, above: vec2u, below: vec2u) -> u32 {
  let beside = vec2u(here.x ^ here.z, here.x & here.z);
  let ones = sumOf(vec3u(above.x, below.x, beside.x));
  let apart = above.y ^ below.y;
  let both = above.y & below.y;
  let apartToo = beside.y ^ ones.y;
  let bothToo = beside.y & ones.y;
  // The number of neighbours in planes of ones, twos, fours and eights; eight excludes the others.
  let one = ones.x;
  let two = apart ^ apartToo;
  let four = both ^ bothToo ^ (apart & apartToo);
  let eight = both & bothToo;
  let alive = here.y;
  let few = pick(
    two,
    pick(one, fate(alive, 0u), fate(alive, 1u)),
    pick(one, fate(alive, 2u), fate(alive, 3u)),
  );
  let many = pick(
    two,
    pick(one, fate(alive, 4u), fate(alive, 5u)),
    pick(one, fate(alive, 6u), fate(alive, 7u)),
  );
  return pick(eight, pick(four, few, many), fate(alive, 8u));
}

// What becomes of cells that have `count` neighbours.
fn fate(alive: u32, count: u32) -> u32 {
  let stays = 0u - ((SURVIVAL >> count) & 1u);
  let comes = 0u - ((BIRTH >> count) & 1u);
  return (alive & stays) | (~alive & comes);
}

// Bit by bit, `ifSet` where the plane is set, else `ifClear`.
fn pick(plane: u32, ifClear: u32, ifSet: u32) -> u32 {
  return ifClear ^ ((ifClear ^ ifSet) & plane);
}
