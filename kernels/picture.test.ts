import { describe, expect, it } from 'vitest';
import { chartPicture, clear, painted, placed, tablePicture, type Picture } from './picture.ts';

const at = ({ width, rgba }: Picture, x: number, y: number): string =>
  rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 4).join();

describe('tablePicture', () => {
  it('tells values below zero, zero, and above by colour', () => {
    const table = tablePicture(3, 1, (x) => x - 1);
    const [below, zero, above] = [0, 1, 2].map((x) => at(table, x, 0));
    expect(zero).toBe('238,240,238,255');
    expect(new Set([below, zero, above]).size).toBe(3);
  });

  it('is no larger than can be seen, and takes values from the whole table', () => {
    const table = tablePicture(2000, 4, (x) => (x >= 1000 ? 1 : -1));
    expect([table.width, table.height]).toEqual([500, 1]);
    expect(at(table, 249, 0)).not.toBe(at(table, 250, 0));
  });

  it('of zeros alone is drawn', () => {
    expect(
      at(
        tablePicture(1, 1, () => 0),
        0,
        0,
      ),
    ).toBe('238,240,238,255');
  });
});

describe('chartPicture', () => {
  const marked = (chart: Picture, x: number): number => {
    const rows = Array.from({ length: chart.height }, (_, y) => at(chart, x, y));
    return rows.filter((it) => it === '94,214,190,255').length;
  };

  it('has a bar a value, as tall as the value', () => {
    const chart = chartPicture([0, 1, 2, 4]);
    expect([chart.width, chart.height]).toEqual([384, 192]);
    expect([10, 100, 200, 300].map((x) => marked(chart, x))).toEqual([0, 48, 96, 192]);
  });

  it('fills from zero down where values are below', () => {
    const chart = chartPicture([1, -1]);
    expect(at(chart, 0, 0)).toBe(at(chart, 300, 191));
    expect(at(chart, 0, 191)).toBe(at(chart, 300, 0));
  });

  it('misses none of many values', () => {
    const chart = chartPicture(Array.from({ length: 10_000 }, (_, i) => (i === 7777 ? 1 : 0)));
    expect(chart.width).toBe(384);
    const tall = Array.from({ length: 384 }, (_, x) => marked(chart, x)).filter((it) => it > 0);
    expect(tall).toEqual([192]);
  });

  it('of nothing, and of zeros, is dark', () => {
    expect(marked(chartPicture([]), 0)).toBe(0);
    expect(marked(chartPicture([0, 0]), 0)).toBe(0);
  });
});

it('what is placed over an edge is cut there', () => {
  const whole = clear(3, 3);
  placed(
    whole,
    painted(2, 2, (x, y) => [x + 1, y + 1, 9]),
    2,
    2,
  );
  expect(at(whole, 2, 2)).toBe('1,1,9,255');
  expect(whole.rgba.filter((value) => value !== 0)).toHaveLength(4);
});
