/**
 * WGSL that reads a tensor's values one by one, or four at a time where every row of it is a multiple of four long: the
 * same module text serves both, by the name `Value`.
 */

/** Values in one `Value`, for rows of this many. */
export const widthFor = (length: number): 1 | 4 => (length % 4 === 0 ? 4 : 1);

/** `Value`, the sum and the largest of its parts. */
export const valueType = (width: 1 | 4): string =>
  width === 4
    ? `alias Value = vec4f;
fn sumOf(v: Value) -> f32 { return (v.x + v.y) + (v.z + v.w); }
fn largestOf(v: Value) -> f32 { return max(max(v.x, v.y), max(v.z, v.w)); }
`
    : `alias Value = f32;
fn sumOf(v: Value) -> f32 { return v; }
fn largestOf(v: Value) -> f32 { return v; }
`;
