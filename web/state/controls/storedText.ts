/**
 * One text under one key of the browser's storage. Where there is none (private windows, switched off), it is kept for
 * as long as the page lives.
 */
export interface StoredText {
  read(): string | null;
  write(text: string): void;
  /** Another tab has written it. */
  onChange(listener: () => void): void;
}

export function storedText(key: string): StoredText {
  let last: string | null = null;
  return {
    read() {
      try {
        return localStorage.getItem(key) ?? last;
      } catch {
        return last;
      }
    },
    write(text) {
      last = text;
      try {
        localStorage.setItem(key, text);
      } catch {
        // Switched off, or full.
      }
    },
    onChange(listener) {
      window.addEventListener('storage', (event) => {
        if (event.key === key) listener();
      });
    },
  };
}
