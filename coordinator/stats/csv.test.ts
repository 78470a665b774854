import { expect, it } from 'vitest';
import { csvOf } from './csv.ts';

it('quotes what RFC 4180 says must be, and ends lines as it says', () => {
  const rows = [
    ['plain', 1],
    ['a, b', 'say "hi"'],
    ['two\nlines', ''],
  ];
  expect(csvOf(['name', 'n'], rows)).toBe(
    'name,n\r\nplain,1\r\n"a, b","say ""hi"""\r\n"two\nlines",\r\n',
  );
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")', '＝1'])(
  'makes text of %j, which a spreadsheet would run',
  (name) => {
    const cell = csvOf(['n'], [[name]]).slice('n\r\n'.length, -'\r\n'.length);
    expect(cell.replace(/^"/, '')).toMatch(/^'/);
    expect(cell.replaceAll('""', '"')).toContain(name);
  },
);
