/**
 * How an id is shown where it stands for a person, an author or a job: its kind and its first eight digits. For people only: what
 * is chosen, sent and compared is the whole id.
 */
export const shortId = (id: string): string =>
  id.replace(/^((?:[a-z]+_)?[0-9a-f]{8})[0-9a-f]+$/, '$1…');
