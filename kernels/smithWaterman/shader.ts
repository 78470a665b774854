/**
 * The WGSL of smithWaterman@1: one text for all parameters, with the columns of a block written out as named
 * registers, because arrays spill.
 */

/** Columns of a block: 32 registers for what goes down from row to row, and 16 for the subject's codes. */
export const BLOCK_COLUMNS = 16;
const CODES_PER_WORD = 4;

const all = Array.from({ length: BLOCK_COLUMNS }, (_, i) => i);

const lines = (indent: string, write: (column: number) => string): string =>
  all
    .map(write)
    .join('\n')
    .replace(/^(?=.)/gm, indent);

/** The greatest of the row's scores, by pairs. */
const greatest = (names: readonly string[]): string => {
  if (names.length === 1) return names[0]!;
  const half = names.length / 2;
  return `max(${greatest(names.slice(0, half))}, ${greatest(names.slice(half))})`;
};

const MODULE = `// smithWaterman@1: \`begin\` clears the edges, \`align\` is one turn of every row of blocks, \`conclude\` finds the best
// of them. Threads are numbered through all rows of the batch. Integers only.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> query: array<u32>;
@group(0) @binding(2) var<storage, read> subject: array<u32>;
@group(0) @binding(3) var<storage, read> substitution: array<i32>;
@group(0) @binding(4) var<storage, read_write> edges: array<vec2i>;
@group(0) @binding(5) var<storage, read_write> rowsOfBlocks: array<RowOfBlocks>;
@group(0) @binding(6) var<storage, read_write> score: array<i32>;
@group(0) @binding(7) var<storage, read_write> end: array<vec2u>;

override QUERY: u32;
override SUBJECT: u32;
// Blocks along both sequences, and rows of cells in a block.
override DOWN: u32;
override ACROSS: u32;
override BLOCK_ROWS: u32 = 1;
override SYMBOLS: u32 = 1;
override GAP_OPEN: i32 = 0;
override GAP_EXTEND: i32 = 0;
// Values from one item to the next; 0 where all items share the input.
override QUERY_STRIDE: u32 = 0;
override SUBJECT_STRIDE: u32 = 0;
override SUBSTITUTION_STRIDE: u32 = 0;

// Turns taken, and the best alignment that ends in these blocks, the first of equals.
struct RowOfBlocks {
  turns: u32,
  best: i32,
  queryEnd: u32,
  subjectEnd: u32,
}

@compute @workgroup_size(64)
fn begin(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let place = (group.x + base.x) * 64u + thread.x;
  if (place >= arrayLength(&edges)) { return; }
  edges[place] = vec2i();
  if (place < arrayLength(&rowsOfBlocks)) { rowsOfBlocks[place] = RowOfBlocks(0u, 0, 0u, 0u); }
}

@compute @workgroup_size(64)
fn align(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let place = (group.x + base.x) * 64u + thread.x;
  if (place >= arrayLength(&rowsOfBlocks)) { return; }
  let row = place / DOWN;
  let down = place % DOWN;
  var mine = rowsOfBlocks[place];
  let turn = mine.turns;
  mine.turns = turn + 1u;
  if (turn < down || turn - down >= ACROSS) {
    rowsOfBlocks[place].turns = mine.turns;
    return;
  }
  let across = turn - down;
  // An item's edges: the right side of every row, the lower side of every column, corners by diagonal.
  let rightEdge = row * (QUERY + SUBJECT + DOWN + ACROSS);
  let lowerEdge = rightEdge + QUERY + across * ${BLOCK_COLUMNS}u;
  let cornerEdge = rightEdge + QUERY + SUBJECT + across + DOWN - 1u - down;
  let firstWord = (row * SUBJECT_STRIDE + across * ${BLOCK_COLUMNS}u) / 4u;
${Array.from({ length: BLOCK_COLUMNS / CODES_PER_WORD }, (_, i) => `  let codes${i} = subject[firstWord + ${i}u];`).join('\n')}
${lines('  ', (i) => `let code${i} = coded(codes${Math.floor(i / CODES_PER_WORD)}, ${i % CODES_PER_WORD}u);`)}
${lines('  ', (i) => `var edge${i} = edges[lowerEdge + ${i}u];\nvar h${i} = edge${i}.x;\nvar f${i} = edge${i}.y;`).replace(/var edge/g, 'let edge')}
  var corner = edges[cornerEdge].x;
  let first = down * BLOCK_ROWS;
  let last = min(first + BLOCK_ROWS, QUERY);
  for (var i = first; i < last; i++) {
    let at = row * QUERY_STRIDE + i;
    let table = row * SUBSTITUTION_STRIDE + coded(query[at / 4u], at % 4u) * SYMBOLS;
    let before = edges[rightEdge + i];
    var left = before.x;
    var e = before.y;
    var diagonal = corner;
    corner = left;
${lines(
  '    ',
  (i) => `f${i} = max(f${i} - GAP_EXTEND, h${i} - GAP_OPEN);
e = max(e - GAP_EXTEND, left - GAP_OPEN);
left = max(max(0, diagonal + substitution[table + code${i}]), max(e, f${i}));
diagonal = h${i};
h${i} = left;`,
)}
    edges[rightEdge + i] = vec2i(left, e);
    let best = ${greatest(all.map((i) => `h${i}`))};
    if (best > mine.best || (best == mine.best && i + 1u < mine.queryEnd)) {
      var column = ${BLOCK_COLUMNS - 1}u;
${all
  .slice(0, -1)
  .reverse()
  .map((i) => `      column = select(column, ${i}u, h${i} == best);`)
  .join('\n')}
      mine.best = best;
      mine.queryEnd = i + 1u;
      mine.subjectEnd = across * ${BLOCK_COLUMNS}u + column + 1u;
    }
  }
${lines('  ', (i) => `edges[lowerEdge + ${i}u] = vec2i(h${i}, f${i});`)}
  edges[cornerEdge].x = h${BLOCK_COLUMNS - 1};
  rowsOfBlocks[place] = mine;
}

@compute @workgroup_size(64)
fn conclude(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let row = (group.x + base.x) * 64u + thread.x;
  if (row >= arrayLength(&score)) { return; }
  var all = RowOfBlocks(0u, 0, 0u, 0u);
  for (var down = 0u; down < DOWN; down++) {
    let one = rowsOfBlocks[row * DOWN + down];
    if (one.best > all.best) { all = one; }
  }
  score[row] = all.best;
  end[row] = vec2u(all.queryEnd, all.subjectEnd);
}

// The code in byte \`place\` of a word; those that no symbol has count as the last symbol.
fn coded(word: u32, place: u32) -> u32 {
  return min((word >> (8u * place)) & 0xffu, SYMBOLS - 1u);
}
`;

export const smithWatermanShader = (): string => MODULE;
