/**
 * Where a command writes. Standard output carries what was asked for, standard error everything else.
 *
 * With `--json` standard output has one JSON object per line and nothing besides. The streams are arguments,
 * so that commands are tested without a process.
 */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C or a request to end. */
  readonly signal: AbortSignal;
}

export class Terminal {
  readonly json: boolean;
  readonly #io: Io;
  /** A progress bar stands on the last line of standard error and must go before anything else is written. */
  #bar: { clear(): void } | undefined;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
  }

  /** Colours and moving bars are for people at a terminal. */
  get isInteractive(): boolean {
    return !this.json && this.#io.stderr.isTTY === true;
  }

  get columns(): number {
    return this.#io.stderr.columns ?? 80;
  }

  /** One line of what was asked for; nothing with `--json`. */
  line(text: string): void {
    if (this.json) return;
    this.#bar?.clear();
    this.#io.stdout.write(`${text}\n`);
  }

  /** One object of what was asked for; nothing without `--json`. */
  object(value: object): void {
    if (this.json) this.#io.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** One line about what is happening; nothing with `--json`. */
  note(text: string): void {
    if (!this.json) this.warn(text);
  }

  /** One line that matters in every mode. */
  warn(text: string): void {
    this.#bar?.clear();
    this.#io.stderr.write(`${text}\n`);
  }

  /** Raw text for a bar; only `progress.ts` calls this. */
  draw(text: string): void {
    this.#io.stderr.write(text);
  }

  attachBar(bar: { clear(): void } | undefined): void {
    this.#bar = bar;
  }
}
