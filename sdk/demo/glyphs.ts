/**
 * How the ten digits are written: strokes as polylines through a unit square, several ways each.
 *
 * x runs right, y runs down, both 0 to 1. Curves are sampled; nothing here is random.
 */
export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];
export type Glyph = readonly Stroke[];

/** Part of an ellipse from one angle to another, in turns; 0 is right, 0.25 is down. */
function arc([x, y]: Point, [radiusX, radiusY]: Point, fromTurns: number, toTurns: number): Stroke {
  const steps = Math.max(4, Math.ceil(Math.abs(toTurns - fromTurns) * 24));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (fromTurns + ((toTurns - fromTurns) * i) / steps);
    return [x + radiusX * Math.cos(angle), y + radiusY * Math.sin(angle)];
  });
}

const line = (...points: Point[]): Stroke => points;
const joined = (...strokes: Stroke[]): Stroke => strokes.flat();

/** Ways to write each digit, by digit. */
export const GLYPHS: readonly (readonly Glyph[])[] = [
  // 0: round, narrow, slashed, open at the top
  [
    [arc([0.5, 0.5], [0.32, 0.42], -0.25, 0.75)],
    [arc([0.5, 0.5], [0.2, 0.42], -0.2, 0.82)],
    [arc([0.5, 0.5], [0.3, 0.42], -0.25, 0.75), line([0.7, 0.18], [0.3, 0.82])],
    [arc([0.5, 0.52], [0.3, 0.4], -0.15, 0.72)],
  ],
  // 1: a stroke, with a flag, with a flag and a foot
  [
    [line([0.5, 0.06], [0.5, 0.94])],
    [line([0.3, 0.28], [0.54, 0.06], [0.54, 0.94])],
    [line([0.3, 0.28], [0.52, 0.06], [0.52, 0.92]), line([0.28, 0.93], [0.76, 0.93])],
    [line([0.2, 0.45], [0.6, 0.06], [0.58, 0.94])],
  ],
  // 2: with a straight foot, with a loop, angular
  [
    [joined(arc([0.48, 0.3], [0.27, 0.24], -0.5, 0.1), line([0.22, 0.92], [0.8, 0.92]))],
    [
      joined(
        arc([0.48, 0.3], [0.27, 0.24], -0.52, 0.1),
        arc([0.33, 0.82], [0.13, 0.1], 0.1, 1.05),
        line([0.6, 0.88], [0.82, 0.84]),
      ),
    ],
    [line([0.22, 0.2], [0.5, 0.06], [0.76, 0.26], [0.22, 0.92], [0.8, 0.92])],
  ],
  // 3: two bows, flat top, angular waist
  [
    [
      joined(
        arc([0.44, 0.28], [0.27, 0.22], -0.42, 0.22),
        arc([0.44, 0.71], [0.31, 0.23], -0.22, 0.4),
      ),
    ],
    [
      joined(
        line([0.22, 0.08], [0.74, 0.08], [0.44, 0.42]),
        arc([0.42, 0.68], [0.32, 0.26], -0.22, 0.4),
      ),
    ],
    [
      line(
        [0.22, 0.12],
        [0.66, 0.16],
        [0.7, 0.34],
        [0.4, 0.48],
        [0.74, 0.6],
        [0.7, 0.86],
        [0.22, 0.9],
      ),
    ],
  ],
  // 4: open, closed, with a short stem
  [
    [line([0.3, 0.08], [0.2, 0.56], [0.82, 0.56]), line([0.64, 0.3], [0.62, 0.94])],
    [line([0.64, 0.94], [0.64, 0.06], [0.16, 0.64], [0.84, 0.64])],
    [line([0.26, 0.1], [0.26, 0.5], [0.74, 0.5]), line([0.74, 0.1], [0.74, 0.94])],
  ],
  // 5: in one stroke, with a separate bar, angular
  [
    [
      joined(
        line([0.74, 0.08], [0.32, 0.08], [0.28, 0.44]),
        arc([0.46, 0.67], [0.29, 0.25], -0.36, 0.38),
      ),
    ],
    [
      joined(line([0.34, 0.1], [0.3, 0.46]), arc([0.45, 0.68], [0.28, 0.24], -0.34, 0.36)),
      line([0.34, 0.1], [0.78, 0.07]),
    ],
    [
      line(
        [0.74, 0.08],
        [0.28, 0.08],
        [0.28, 0.46],
        [0.6, 0.44],
        [0.74, 0.66],
        [0.58, 0.9],
        [0.24, 0.88],
      ),
    ],
  ],
  // 6: curved, straight, with a small belly
  [
    [
      joined(
        arc([0.72, 0.62], [0.5, 0.56], -0.28, -0.5),
        arc([0.48, 0.68], [0.26, 0.25], 0.5, -0.55),
      ),
    ],
    [joined(line([0.64, 0.06], [0.28, 0.58]), arc([0.49, 0.7], [0.24, 0.23], 0.55, -0.5))],
    [joined(line([0.42, 0.06], [0.28, 0.7]), arc([0.46, 0.76], [0.19, 0.17], 0.5, -0.55))],
  ],
  // 7: plain, crossed, curved, with a serif
  [
    [line([0.2, 0.08], [0.78, 0.08], [0.4, 0.94])],
    [line([0.2, 0.08], [0.78, 0.08], [0.4, 0.94]), line([0.34, 0.5], [0.72, 0.5])],
    [joined(line([0.2, 0.12], [0.74, 0.1]), arc([0.95, 0.94], [0.5, 0.72], -0.32, -0.5))],
    [line([0.2, 0.24], [0.22, 0.08], [0.78, 0.08], [0.52, 0.5], [0.46, 0.94])],
  ],
  // 8: two rings, one crossing stroke, a small head
  [
    [arc([0.5, 0.29], [0.22, 0.21], -0.25, 0.75), arc([0.5, 0.72], [0.28, 0.22], -0.25, 0.75)],
    [
      joined(
        arc([0.5, 0.28], [0.23, 0.2], -0.1, -0.72),
        arc([0.5, 0.71], [0.27, 0.23], -0.22, 0.55),
        line([0.5, 0.48], [0.7, 0.2]),
      ),
    ],
    [arc([0.5, 0.24], [0.16, 0.16], -0.25, 0.75), arc([0.5, 0.68], [0.27, 0.27], -0.25, 0.75)],
  ],
  // 9: with a straight stem, with a curved tail, with a hook
  [
    [joined(arc([0.48, 0.3], [0.24, 0.23], 0, -1), line([0.72, 0.3], [0.68, 0.94]))],
    [joined(arc([0.48, 0.3], [0.25, 0.23], 0.02, -1), arc([0.3, 0.4], [0.43, 0.53], 0, 0.24))],
    [
      joined(
        arc([0.5, 0.28], [0.22, 0.2], 0, -1),
        line([0.72, 0.28], [0.72, 0.7]),
        arc([0.48, 0.72], [0.24, 0.2], 0, 0.42),
      ),
    ],
  ],
];
