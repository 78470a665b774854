// pathtrace@1: `prepare` turns the scene into fixed point, `trace` follows a run of samples of a pixel per thread, `total`
// sums a pixel's runs. z is the row of the batch. Integers only, so every adapter gives the same bits.
//
// Positions are in units of 2^-12, directions and normals 2^-14, shares of colour 2^-15, light 2^-12. Products are made
// so that their sums fit 31 bits inside the world, a cube of 8 units to each side of the origin; sums may wrap on the way.
@group(0) @binding(0) var<uniform> base: vec4u;
@group(0) @binding(1) var<storage, read> items: array<u32>;
@group(0) @binding(2) var<storage, read> scene: array<u32>;
@group(0) @binding(3) var<storage, read_write> objects: array<vec4i>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4u>;
@group(0) @binding(5) var<storage, read_write> radiance: array<vec4u>;

override OBJECTS: u32;
// f32 values from one item's scene to the next; 0 where all items share it.
override SCENE_STRIDE: u32 = 0;
override WIDTH: u32 = 1;
override HEIGHT: u32 = 1;
override TILE: u32 = 1;
override TILES_ACROSS: u32 = 1;
override TILES: u32 = 1;
override SAMPLES: u32 = 1;
override SAMPLES_PER_RUN: u32 = 1;
override RUNS: u32 = 1;
override BOUNCES: u32 = 1;
override SEED: u32 = 0;
override EYE_X: i32 = 0;
override EYE_Y: i32 = 0;
override EYE_Z: i32 = 0;
// Of the picture's upper left corner, and from one 256th of a pixel to the next: 2^-28.
override CORNER_X: i32 = 0;
override CORNER_Y: i32 = 0;
override CORNER_Z: i32 = 0;
override RIGHT_X: i32 = 0;
override RIGHT_Y: i32 = 0;
override RIGHT_Z: i32 = 0;
override DOWN_X: i32 = 0;
override DOWN_Y: i32 = 0;
override DOWN_Z: i32 = 0;
override SKY_RED: u32 = 0;
override SKY_GREEN: u32 = 0;
override SKY_BLUE: u32 = 0;

const ONE = 16384;
const HALF = 8192;
const WORLD = 32768;
const FAR = 114688;
// Nearer hits are of the surface that the ray leaves, off which it starts by LIFT.
const NEAR = 8;
const LIFT = 4;

const SPHERE = 0;
const PLANE = 1;
const DIFFUSE = 0;
const MIRROR = 1;
const EMISSIVE = 3;

@compute @workgroup_size(64)
fn prepare(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let object = (group.x + base.x) * 64u + thread.x;
  if (object >= OBJECTS) { return; }
  let row = group.z + base.z;
  let at = row * SCENE_STRIDE + object * 16u;
  let kind = fixed(scene[at], 0u, 0, 2);
  let material = fixed(scene[at + 8u], 0u, 0, 3);
  var place = vec3i(
    fixed(scene[at + 1u], 12u, -WORLD, WORLD),
    fixed(scene[at + 2u], 12u, -WORLD, WORLD),
    fixed(scene[at + 3u], 12u, -WORLD, WORLD),
  );
  var size = fixed(scene[at + 4u], 12u, 0, WORLD);
  if (kind == PLANE) {
    place = unit(place);
    size = fixed(scene[at + 4u], 12u, -57344, 57344);
  }
  let half = vec3i(
    fixed(scene[at + 5u], 12u, 0, WORLD),
    fixed(scene[at + 6u], 12u, 0, WORLD),
    fixed(scene[at + 7u], 12u, 0, WORLD),
  );
  let bits = select(15u, 12u, material == EMISSIVE);
  let most = select(32768, 65536, material == EMISSIVE);
  let colour = vec3i(
    fixed(scene[at + 9u], bits, 0, most),
    fixed(scene[at + 10u], bits, 0, most),
    fixed(scene[at + 11u], bits, 0, most),
  );
  // Spheres first, then planes, then boxes: `trace` has a loop for each.
  var rank = 0u;
  var spheres = 0;
  var planes = 0;
  for (var other = 0u; other < OBJECTS; other++) {
    let theirs = fixed(scene[row * SCENE_STRIDE + other * 16u], 0u, 0, 2);
    rank += select(0u, 1u, theirs < kind || (theirs == kind && other < object));
    spheres += select(0, 1, theirs == SPHERE);
    planes += select(0, 1, theirs == PLANE);
  }
  let into = (row * OBJECTS + rank) * 4u;
  objects[into] = vec4i(place, size);
  objects[into + 1u] = vec4i(half, kind);
  objects[into + 2u] = vec4i(colour, material);
  objects[into + 3u] = vec4i(
    fixed(scene[at + 12u], 14u, 0, ONE),
    fixed(scene[at + 13u], 14u, ONE, 40960),
    spheres,
    planes,
  );
}

@compute @workgroup_size(64)
fn trace(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let pixel = (group.x + base.x) * 64u + thread.x;
  if (pixel >= TILE * TILE) { return; }
  let run = group.y + base.y;
  let row = group.z + base.z;
  let item = items[row];
  let tile = item % TILES;
  let x = tile % TILES_ACROSS * TILE + pixel % TILE;
  let y = tile / TILES_ACROSS * TILE + pixel / TILE;
  var sum = vec4u();
  if (x < WIDTH && y < HEIGHT) {
    let first = run * SAMPLES_PER_RUN;
    let end = min(first + SAMPLES_PER_RUN, SAMPLES);
    for (var sample = first; sample < end; sample++) {
      sum += vec4u(lightOf(x, y, item / TILES * SAMPLES + sample, row * OBJECTS * 4u), 1u);
    }
  }
  sums[(row * RUNS + run) * TILE * TILE + pixel] = sum;
}

@compute @workgroup_size(64)
fn total(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let pixel = (group.x + base.x) * 64u + thread.x;
  if (pixel >= TILE * TILE) { return; }
  let row = group.z + base.z;
  var sum = vec4u();
  for (var run = 0u; run < RUNS; run++) {
    sum += sums[(row * RUNS + run) * TILE * TILE + pixel];
  }
  radiance[row * TILE * TILE + pixel] = sum;
}

// What one path from the eye brings back.
fn lightOf(x: u32, y: u32, sample: u32, first: u32) -> vec3u {
  let pixel = y * WIDTH + x;
  let jitter = random(vec4u(pixel, sample, 0u, SEED));
  let across = i32(x * 256u + (jitter.x >> 24u));
  let down = i32(y * 256u + (jitter.y >> 24u));
  let toPixel = vec3i(CORNER_X, CORNER_Y, CORNER_Z)
    + across * vec3i(RIGHT_X, RIGHT_Y, RIGHT_Z)
    + down * vec3i(DOWN_X, DOWN_Y, DOWN_Z);
  var direction = unit(toPixel >> vec3u(14u));
  var origin = vec3i(EYE_X, EYE_Y, EYE_Z);
  var share = vec3u(32768u);
  let sky = vec3u(SKY_RED, SKY_GREEN, SKY_BLUE);
  let planesAt = first + 4u * u32(objects[first + 3u].z);
  let boxesAt = planesAt + 4u * u32(objects[first + 3u].w);
  let end = first + 4u * OBJECTS;

  for (var bounce = 1u; bounce <= BOUNCES; bounce++) {
    var nearest = FAR;
    var hit = first;
    for (var at = first; at < planesAt; at += 4u) {
      let distance = toSphere(objects[at], origin, direction);
      hit = select(hit, at, distance < nearest);
      nearest = min(nearest, distance);
    }
    for (var at = planesAt; at < boxesAt; at += 4u) {
      let distance = toPlane(objects[at], origin, direction);
      hit = select(hit, at, distance < nearest);
      nearest = min(nearest, distance);
    }
    for (var at = boxesAt; at < end; at += 4u) {
      let distance = toBox(objects[at].xyz, objects[at + 1u].xyz, origin, direction);
      hit = select(hit, at, distance < nearest);
      nearest = min(nearest, distance);
    }
    let place = origin + shifted(direction * nearest);
    let outside = abs(place) > vec3i(WORLD);
    if (nearest == FAR || any(outside)) {
      return (share * sky) >> vec3u(15u);
    }
    let look = objects[hit + 2u];
    if (look.w == EMISSIVE) {
      return (share * vec3u(look.xyz)) >> vec3u(15u);
    }
    let more = objects[hit + 3u];
    var normal = normalOf(objects[hit].xyz, objects[hit + 1u], place);
    let isInside = dot(normal, direction) > 0;
    normal = select(normal, -normal, isInside);
    let dice = random(vec4u(pixel, sample, bounce, SEED));
    let scatter = ballSurface(dice.x, dice.y);
    let facing = clamp(-(dot(normal, direction) >> 14u), 0, ONE);
    let mirrored = direction + shifted(2 * facing * normal);
    var side = normal;
    var onwards = mirrored;
    if (look.w == DIFFUSE) {
      onwards = normal + scatter;
    } else if (look.w == MIRROR) {
      onwards += shifted(more.x * scatter);
    } else {
      let index = more.y;
      let ratio = select(quotient(0x10000000, index), index, isInside);
      let left = ONE - ((((ratio * ratio) >> 14u) * (ONE - ((facing * facing) >> 14u))) >> 14u);
      let within = i32(root(u32(max(left, 0) * ONE)));
      let straight = quotient((index - ONE) * ONE, index + ONE);
      let least = (straight * straight) >> 14u;
      let slant = ONE - select(facing, within, isInside);
      let slant2 = (slant * slant) >> 14u;
      let slant5 = (((slant2 * slant2) >> 14u) * slant) >> 14u;
      let reflected = least + (((ONE - least) * slant5) >> 14u);
      if (left > 0 && i32(dice.z >> 18u) >= reflected) {
        let bend = ((ratio * facing) >> 14u) - within;
        onwards = shifted(ratio * direction) + shifted(bend * normal);
        side = -normal;
      }
    }
    direction = unit(onwards);
    if (look.w == MIRROR && dot(direction, normal) <= 0) { return vec3u(); }
    share = (share * vec3u(look.xyz)) >> vec3u(15u);
    origin = place + shifted(LIFT * side);
  }
  return vec3u();
}

// To an object along a ray; FAR or more where it misses.
fn toSphere(sphere: vec4i, origin: vec3i, direction: vec3i) -> i32 {
  let radius = sphere.w;
  let apart = sphere.xyz - origin;
  let along = (dot(apart, direction) + HALF) >> 14u;
  // From the middle to the nearest point of the line; an error of `along` is along the line and does little.
  let off = abs(shifted(apart * ONE - along * direction));
  let isBeside = any(off > vec3i(radius));
  let offs = min(vec3u(off), vec3u(32768u));
  let offSquare = dot(offs, offs);
  let square = u32(radius) * u32(radius);
  let half = i32(root(square - min(offSquare, square)));
  let near = along - half;
  let distance = select(along + half, near, near >= NEAR);
  return select(distance, FAR, isBeside || offSquare > square || distance < NEAR);
}

fn toPlane(plane: vec4i, origin: vec3i, direction: vec3i) -> i32 {
  let towards = dot(plane.xyz, direction) >> 14u;
  let apart = plane.w * ONE - dot(plane.xyz, origin);
  let facingApart = select(apart, -apart, towards < 0);
  let distance = quotient(facingApart, max(abs(towards), 1));
  return select(distance, FAR, towards == 0 || distance < NEAR);
}

fn toBox(place: vec3i, half: vec3i, origin: vec3i, direction: vec3i) -> i32 {
  let steps = max(abs(direction), vec3i(1));
  let apart = select(place - origin, origin - place, direction < vec3i());
  let enters = quotients((apart - half) * ONE, steps);
  let leaves = quotients((apart + half) * ONE, steps);
  let enter = max(max(enters.x, enters.y), enters.z);
  let leave = min(min(leaves.x, leaves.y), leaves.z);
  return select(select(leave, enter, enter >= NEAR), FAR, enter > leave || leave < NEAR);
}

// Rounded down, for divisors above 0 and quotients up to 2^18 (any number of this size or more, where it is larger): the
// device's guess, which is off by one at most, put right. Integers divide slowly, on software lane by lane.
fn quotient(dividend: i32, divisor: i32) -> i32 {
  let guess = i32(clamp(floor(f32(dividend) / f32(divisor)), -262144.0, 262144.0));
  let rest = dividend - guess * divisor;
  return guess + select(select(0, 1, rest >= divisor), -1, rest < 0);
}

fn quotients(dividend: vec3i, divisor: vec3i) -> vec3i {
  let lowest = vec3f(-262144.0);
  let guess = vec3i(clamp(floor(vec3f(dividend) / vec3f(divisor)), lowest, -lowest));
  let rest = dividend - guess * divisor;
  return guess + select(select(vec3i(), vec3i(1), rest >= divisor), vec3i(-1), rest < vec3i());
}

// Outwards, at a point of the surface.
fn normalOf(place: vec3i, size: vec4i, at: vec3i) -> vec3i {
  if (size.w == PLANE) { return place; }
  let away = at - place;
  if (size.w == SPHERE) { return unit(away); }
  let beyond = abs(away) - size.xyz;
  let signs = select(vec3i(ONE), vec3i(-ONE), away < vec3i());
  if (beyond.x >= beyond.y && beyond.x >= beyond.z) { return vec3i(signs.x, 0, 0); }
  if (beyond.y >= beyond.z) { return vec3i(0, signs.y, 0); }
  return vec3i(0, 0, signs.z);
}

fn shifted(v: vec3i) -> vec3i {
  return (v + vec3i(HALF)) >> vec3u(14u);
}

// The direction of a vector: first its largest part is brought to 14 bits.
fn unit(v: vec3i) -> vec3i {
  let most = max(max(abs(v.x), abs(v.y)), abs(v.z));
  if (most == 0) { return vec3i(0, 0, ONE); }
  let room = i32(countLeadingZeros(u32(most))) - 18;
  let w = select(v >> vec3u(u32(max(-room, 0))), v << vec3u(u32(max(room, 0))), room > 0);
  let inverse = quotient(0x20000000, i32(root(u32(dot(w, w)))));
  return (w * inverse + vec3i(ONE)) >> vec3u(15u);
}

// The whole part of a square root: the device's guess, which is off by one at most, put right.
fn root(x: u32) -> u32 {
  var guess = min(u32(sqrt(f32(x))), 65535u);
  if (guess * guess > x) { guess -= 1u; }
  if (guess < 65535u && (guess + 1u) * (guess + 1u) <= x) { guess += 1u; }
  return guess;
}

// A point of the unit sphere: a height and an angle, by 5th order polynomials that are off by 2e-4.
fn ballSurface(height: u32, angle: u32) -> vec3i {
  let z = i32(height >> 17u) - ONE;
  let radius = i32(root(u32(0x10000000 - z * z)));
  let part = i32((angle >> 15u) & 0x7fffu);
  let sine = (radius * quarterSine(part)) >> 14u;
  let cosine = (radius * quarterSine(32768 - part)) >> 14u;
  let isTurned = (angle & 0x40000000u) != 0u;
  let level = select(vec2i(cosine, sine), vec2i(-sine, cosine), isTurned);
  return vec3i(select(level, -level, angle >= 0x80000000u), z);
}

// The sine of a share (2^-15) of a right angle.
fn quarterSine(part: i32) -> i32 {
  let square = (part * part) >> 15u;
  return (part * (25736 - ((square * (10512 - ((square * 1160) >> 15u))) >> 15u))) >> 15u;
}

// pcg4d.
fn random(seed: vec4u) -> vec4u {
  var v = seed * 1664525u + vec4u(1013904223u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

// The nearest multiple of 2^-bits to an f32, as its number, in [low, high]; by its bits, so that NaN is a number as well.
fn fixed(word: u32, bits: u32, low: i32, high: i32) -> i32 {
  let exponent = i32((word >> 23u) & 255u) - 150 + i32(bits);
  let digits = (word & 0x7fffffu) | 0x800000u;
  var size = 0u;
  if (exponent > 6) {
    size = 0x3fffffffu;
  } else if (exponent >= 0) {
    size = digits << u32(exponent);
  } else if (exponent >= -25) {
    size = (digits + (1u << u32(-exponent - 1))) >> u32(-exponent);
  }
  let value = select(i32(size), -i32(size), word >> 31u == 1u);
  return clamp(value, low, high);
}
