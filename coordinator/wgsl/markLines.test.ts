import { describe, expect, it } from 'vitest';
import { LINE_VARIABLE, markLines } from './markLines.ts';

/** The lines that are marked, in order. */
function marks(source: string): number[] {
  return [...markLines(source).matchAll(new RegExp(`${LINE_VARIABLE} = (\\d+)u;`, 'g'))].map(
    (found) => Number(found[1]),
  );
}

describe('lines are marked', () => {
  it('before every statement of a function, and nowhere else', () => {
    const source = [
      'struct S { a: f32, b: f32 }',
      'const C = array<f32, 2>(1, 2);',
      'fn f(a: u32) -> u32 {',
      '  var sum = 0u;',
      '  for (var i = 0u; i < a; i++) {',
      '    if i == 3u { continue; } else if i == 4u { break; } else { sum += i; }',
      '  }',
      '  switch sum {',
      '    case 1u, 2u: { sum = 0u; }',
      '    default: {}',
      '  }',
      '  loop {',
      '    sum += 1u;',
      '    continuing {',
      '      sum += 2u;',
      '      break if sum > 9u;',
      '    }',
      '  }',
      '  return sum;',
      '}',
    ].join('\n');
    expect(marks(source)).toEqual([4, 5, 6, 6, 6, 6, 8, 9, 12, 13, 15, 19]);
  });

  it('whatever comments say, and lines stay where they are', () => {
    const source =
      '/* fn a() {\n/* ; */ } */ fn f() { // { ;\n  let a = 1; /* ; */\n\n  let b = (a);\n}\n';
    expect(marks(source)).toEqual([3, 5]);
    expect(
      markLines(source)
        .split('\n')
        .slice(0, 6)
        .map((line) => line.length > 0),
    ).toEqual(
      source
        .split('\n')
        .slice(0, 6)
        .map((line) => line.length > 0),
    );
  });
});
