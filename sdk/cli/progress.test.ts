/**
 * Progress and tables as they reach a terminal.
 */
import { describe, expect, it } from 'vitest';
import { barText, startProgress } from './progress.ts';
import { printable, tableLines } from './table.ts';
import { Terminal } from './terminal.ts';

function terminal(isTTY: boolean, json = false) {
  const written: string[] = [];
  const stderr = { write: (text: string) => written.push(text), isTTY, columns: 60 };
  const stdout = { write: (text: string) => written.push(text) };
  const io = { stdout, stderr, env: {}, signal: new AbortController().signal };
  return { written, terminal: new Terminal(io, json) };
}

describe('progress', () => {
  it('never fills the line, so that it can be cleared', () => {
    const long = 'waiting for a second volunteer '.repeat(5);
    for (const columns of [20, 60, 100]) {
      const text = barText('job', 'items', { done: 5, total: 10, text: long }, columns);
      expect(text.length).toBeLessThan(columns);
    }
    expect(barText('job', 'items', { done: 5, total: 10 }, 80)).toContain(' 50%  5/10 items');
  });

  it('stays within its bounds where counts are zero or too large', () => {
    expect(barText('j', 'items', { done: 0, total: 0 }, 80)).toContain('  0%');
    expect(barText('j', 'items', { done: 11, total: 10 }, 80)).toContain('100%');
  });

  it('clears its bar before anything else is written, and draws it again', () => {
    const { written, terminal: t } = terminal(true);
    const progress = startProgress(t, 'job');
    progress.update({ done: 1, total: 2 });
    t.note('a note');
    progress.update({ done: 2, total: 2 });
    progress.end();
    const clear = '\r\u001b[2K';
    expect([written[1], written[2], written[4]]).toEqual([clear, 'a note\n', clear]);
    expect(written).toHaveLength(5);
  });

  it('says each tenth and each new reason once where nobody watches', () => {
    const { written, terminal: t } = terminal(false);
    const progress = startProgress(t, 'job');
    for (let done = 0; done <= 100; done++)
      progress.update({ done, total: 100, text: 'computing' });
    progress.update({ done: 100, total: 100, text: 'done' });
    expect(written).toHaveLength(12);
    expect(written[1]).toBe('job: 10/100 items  computing\n');
  });

  it('does not repeat a reason for each count in it', () => {
    const { written, terminal: t } = terminal(false);
    const progress = startProgress(t, 'job');
    for (let n = 0; n < 50; n++) {
      progress.update({ done: 0, total: 9, text: `${n} shards wait`, kind: n < 40 ? 'a' : 'b' });
    }
    expect(written).toEqual([
      'job: 0/9 items  0 shards wait\n',
      'job: 0/9 items  40 shards wait\n',
    ]);
  });

  it('writes nothing with --json', () => {
    const { written, terminal: t } = terminal(true, true);
    startProgress(t, 'job').update({ done: 1, total: 2 });
    expect(written).toEqual([]);
  });
});

describe('tables', () => {
  it('aligns columns and keeps control characters from the terminal', () => {
    const rows = [
      { name: 'a', count: 5 },
      { name: 'long\u001b[31m', count: 1234 },
    ];
    const lines = tableLines(rows, [
      { title: 'NAME', value: (row) => row.name },
      { title: 'N', value: (row) => `${row.count}`, align: 'right' },
    ]);
    expect(lines).toEqual(['NAME          N', 'a             5', 'long·[31m  1234']);
  });

  it('keeps text of any script', () => {
    expect(printable('größe 大 🌊\n')).toBe('größe 大 🌊·');
  });
});
