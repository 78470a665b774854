/**
 * Watches the real page from inside: when its link, worker and button did what, and a bare loop in its own
 * compute worker. Installed before the page's scripts; the page knows nothing of it.
 *
 * `installProbe` is sent to the browser as text: it may refer to nothing outside itself. Times are milliseconds
 * since the page's navigation began. Invariant: it delays nothing: it reads clocks and counts.
 */

/** What happened in a block: the time between `beginBlock` and the last of its items settling. */
export interface BlockTiming {
  readonly items: number;
  /** From the arrival of the first assignment to the arrival of the last settlement. */
  readonly ms: number;
  /** Inside the program itself, as the worker measured it. */
  readonly computeMs: number;
  readonly assignments: number;
  /** Settled and not accepted. */
  readonly refused: number;
}

export interface PageProbe {
  /** When each step happened for the first time. */
  readonly firstMs: Readonly<Record<string, number>>;
  /** When commitments were sent since `beginBlock`. */
  readonly commitsMs: readonly number[];
  /** The time that each run of a program took since `beginBlock`. */
  readonly runsMs: readonly number[];
  beginBlock(): void;
  /** Resolves when `items` items have settled since `beginBlock`. */
  settled(items: number): Promise<BlockTiming>;
  /** The rows of the last assignment again and again in the worker that computed it, nothing else. */
  bareLoop(items: number): Promise<{ readonly items: number; readonly ms: number }>;
}

declare global {
  interface Window {
    idlewaveProbe: PageProbe;
  }
}

/** With `clickStart` the page's button is pressed the moment it is there. */
export function installProbe(clickStart: boolean): void {
  const firstMs: Record<string, number> = {};
  const mark = (step: string): void => {
    firstMs[step] ??= performance.now();
  };
  const empty = { startMs: 0, endMs: 0, items: 0, computeMs: 0, assignments: 0, refused: 0 };
  let block = { ...empty };
  let waiter: { items: number; resolve: (timing: BlockTiming) => void } | undefined;
  /** The worker that computed last: one that died is replaced, and others do other things. */
  let computing: Worker | undefined;
  let commitsMs: number[] = [];
  let runsMs: number[] = [];
  let lastTask: unknown;
  const calls = new Map<string, string>();

  const wake = (): void => {
    if (waiter === undefined || block.items < waiter.items) return;
    const { startMs, endMs, ...counts } = block;
    waiter.resolve({ ...counts, ms: endMs - startMs });
    waiter = undefined;
  };

  /** comlink's messages: a call has an id, a path and its arguments, the answer has the id. */
  interface Call {
    readonly id: string;
    readonly path?: readonly string[];
    readonly argumentList?: readonly { readonly value: unknown }[];
  }

  window.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      mark('worker created');
      this.addEventListener(
        'message',
        ({ data, currentTarget }: MessageEvent<{ id?: string; value?: unknown }>) => {
          const call = calls.get(data.id ?? '');
          if (call === undefined) return;
          calls.delete(data.id!);
          mark(`${call} answered`);
          if (call !== 'run') return;
          computing = currentTarget as Worker;
          const result = data.value as { value?: { computeMs?: number } };
          const computeMs = result.value?.computeMs ?? 0;
          block.computeMs += computeMs;
          runsMs.push(computeMs);
        },
      );
    }
    override postMessage(message: unknown, rest?: unknown): void {
      const { id, path = [], argumentList = [] } = message as Call;
      const call = path[0];
      if (call !== undefined) {
        mark(`${call} called`);
        calls.set(id, call);
        if (call === 'run') lastTask = argumentList[0]?.value;
      }
      super.postMessage(message, rest as Transferable[]);
    }
  };

  const onText = (text: string): void => {
    const message = JSON.parse(text) as { type: string; items: number; verdict: string };
    mark(`${message.type} came`);
    if (message.type !== 'settled') return;
    block.items += message.items;
    block.endMs = performance.now();
    if (!['agree', 'unchecked'].includes(message.verdict)) block.refused += 1;
    wake();
  };
  const onAssignment = (): void => {
    mark('assign came');
    if (block.assignments === 0) block.startMs = performance.now();
    block.assignments += 1;
  };
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      mark('link opening');
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (typeof data === 'string') onText(data);
        else onAssignment();
      });
    }
    override send(data: string | BufferSource | Blob): void {
      const type =
        typeof data === 'string' ? (JSON.parse(data) as { type: string }).type : 'report';
      mark(`${type} sent`);
      if (type === 'commit') commitsMs.push(performance.now());
      super.send(data);
    }
  };

  const observer = new MutationObserver(() => {
    const button = document.querySelector<HTMLElement>('[data-testid=start]');
    if (button === null) return;
    observer.disconnect();
    mark('button shown');
    if (clickStart) button.click();
  });
  observer.observe(document, { subtree: true, childList: true });

  window.idlewaveProbe = {
    firstMs,
    get commitsMs() {
      return commitsMs;
    },
    get runsMs() {
      return runsMs;
    },
    beginBlock() {
      commitsMs = [];
      runsMs = [];
      block = { ...empty };
    },
    settled(items) {
      return new Promise((resolve) => {
        waiter = { items, resolve };
        wake();
      });
    },
    bareLoop(items) {
      const target = computing;
      if (target === undefined || lastTask === undefined) throw new Error('nothing ran yet');
      const id = `bare-${performance.now()}`;
      return new Promise((resolve, reject) => {
        const onAnswer = ({ data }: MessageEvent<{ id?: string; value?: unknown }>): void => {
          if (data.id !== id) return;
          target.removeEventListener('message', onAnswer);
          const result = data.value as
            | { ok: true; value: { items: number; ms: number } }
            | { ok: false; error: { message: string } };
          if (result.ok) resolve(result.value);
          else reject(new Error(result.error.message));
        };
        target.addEventListener('message', onAnswer);
        const raw = (value: unknown) => ({ type: 'RAW', value });
        const argumentList = [raw(lastTask), raw(items)];
        target.postMessage({ id, type: 'APPLY', path: ['bareLoop'], argumentList });
      });
    },
  };
}
