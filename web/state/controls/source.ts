/**
 * One thing that a browser may tell of the device or the person, as an event and never by asking again. Types only.
 */
export interface Source<T> {
  /** False where this browser has no such interface: what depends on it is then without effect, and said to be. */
  readonly isAvailable: boolean;
  /** Tells at once what it can, and then every change; the result ends it. */
  watch(onChange: (value: T) => void): () => void;
}
