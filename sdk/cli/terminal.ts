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
  /** Of a stream that says `false` to a write: when it takes more. */
  once?(event: 'drain', listener: () => void): unknown;
}

/** What is piped into a command. */
export interface InputStream extends AsyncIterable<Uint8Array | string> {
  /** Nobody reads on. */
  destroy?(): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface Io {
  readonly stdin?: InputStream | undefined;
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

  /** Data for the next program of a pipe, in every mode; resolves when it may take more. */
  async data(text: string): Promise<void> {
    this.#bar?.clear();
    const { stdout, signal } = this.#io;
    if (stdout.write(text) !== false || stdout.once === undefined || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const proceed = (): void => {
        signal.removeEventListener('abort', proceed);
        resolve();
      };
      stdout.once?.('drain', proceed);
      signal.addEventListener('abort', proceed, { once: true });
    });
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
