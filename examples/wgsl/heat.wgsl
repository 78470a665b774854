// Heat spreads in a plate of 32 x 32 cells whose rim is kept at 0; one workgroup computes one plate.
@group(0) @binding(1) var<storage, read> plate: array<f32>;
@group(0) @binding(2) var<storage, read> spread: array<f32>;
@group(0) @binding(3) var<storage, read_write> after: array<f32>;

const SIDE = 32u;
const CELLS = SIDE * SIDE;
const LANES = 64u;
const STEPS = 50u;

var<workgroup> warm: array<f32, CELLS>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // z is the item: its row in every buffer.
  let row = id.z * CELLS;
  for (var cell = lane; cell < CELLS; cell += LANES) {
    warm[cell] = plate[row + cell];
  }
  var next: array<f32, 16>;
  for (var step = 0u; step < STEPS; step++) {
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      next[k] = spreadAt(lane + k * LANES);
    }
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      warm[lane + k * LANES] = next[k];
    }
  }
  workgroupBarrier();
  for (var cell = lane; cell < CELLS; cell += LANES) {
    after[row + cell] = warm[cell];
  }
}

fn spreadAt(cell: u32) -> f32 {
  let x = cell % SIDE;
  let y = cell / SIDE;
  if x == 0u || y == 0u || x == SIDE - 1u || y == SIDE - 1u {
    return 0;
  }
  let around = warm[cell - 1u] + warm[cell + 1u] + warm[cell - SIDE] + warm[cell + SIDE];
  return warm[cell] + spread[0] * (around - 4 * warm[cell]);
}
