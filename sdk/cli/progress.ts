/**
 * How far something is: a bar at a terminal, a plain line per tenth elsewhere, nothing with `--json`.
 *
 * Holds no timer: it is drawn when it is told something new.
 */
import type { Terminal } from './terminal.ts';

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  /** What is happening or being waited for, one short sentence. */
  readonly text?: string | undefined;
  /** What kind of thing `text` says: plain lines are written anew when this changes, not for each count. */
  readonly kind?: string | undefined;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Takes the bar away; what was said in plain lines stays. */
  end(): void;
}

export function startProgress(terminal: Terminal, label: string, unit = 'items'): Progress {
  return terminal.isInteractive ? bar(terminal, label, unit) : plain(terminal, label, unit);
}

const CLEAR_LINE = '\r\u001b[2K';

function bar(terminal: Terminal, label: string, unit: string): Progress {
  let shown = false;
  const clear = (): void => {
    if (shown) terminal.draw(CLEAR_LINE);
    shown = false;
  };
  const progress: Progress = {
    update(state) {
      clear();
      terminal.draw(barText(label, unit, state, terminal.columns));
      shown = true;
    },
    end() {
      clear();
      terminal.attachBar(undefined);
    },
  };
  terminal.attachBar({ clear });
  return progress;
}

const BAR_CELLS = 24;

/** One line of at most `columns - 1` characters: a full line would wrap and could not be cleared. */
export function barText(
  label: string,
  unit: string,
  { done, total, text }: ProgressState,
  columns: number,
): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const full = Math.floor(share * BAR_CELLS);
  const cells = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const parts = [`${label} ${cells}${percent}  ${done}/${total} ${unit}`];
  if (text !== undefined && text !== '') parts.push(text);
  const line = parts.join('  ');
  return line.length < columns ? line : `${line.slice(0, Math.max(1, columns - 2))}…`;
}

function plain(terminal: Terminal, label: string, unit: string): Progress {
  let lastTenth = -1;
  let lastKind: string | undefined;
  return {
    update({ done, total, text, kind = text }) {
      const tenth = total > 0 ? Math.floor((done / total) * 10) : 0;
      if (tenth === lastTenth && kind === lastKind) return;
      lastTenth = tenth;
      lastKind = kind;
      const tail = text === undefined || text === '' ? '' : `  ${text}`;
      terminal.note(`${label}: ${done}/${total} ${unit}${tail}`);
    },
    end: () => undefined,
  };
}
