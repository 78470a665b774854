/** Network Information, which Chromium has: whether the line costs money, or the person saves data. */
import type { Source } from './source.ts';

interface Connection extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
}

const connectionOf = (): Connection | undefined =>
  (navigator as { connection?: Connection }).connection;

const isMetered = (connection: Connection): boolean =>
  connection.saveData === true || connection.type === 'cellular';

export function lineSource(): Source<boolean> {
  const connection = connectionOf();
  return {
    isAvailable: connection !== undefined,
    watch(onChange) {
      if (connection === undefined) return () => undefined;
      const tell = (): void => {
        onChange(isMetered(connection));
      };
      connection.addEventListener('change', tell);
      tell();
      return () => {
        connection.removeEventListener('change', tell);
      };
    },
  };
}
