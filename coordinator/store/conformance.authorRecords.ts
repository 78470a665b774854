/** What every store must answer of authors' records. Run by `conformance.ts`. */
import { describe, expect, it } from 'vitest';
import type { KeyId } from '../../shared/ids.ts';
import type { AuthorRecord } from './authorRecords.ts';
import type { LiveStore } from './conformance.ts';
import { HARD_TEXT, makeEvent } from './testing/records.ts';

const [ADA, BOB] = ['key_ada' as KeyId, 'key_bob' as KeyId];

/** What its body says does not matter to a store. */
const record = (id: string, createdAtMs: number, author = ADA, text = HARD_TEXT) =>
  ({
    kind: 'model',
    id,
    author,
    createdAtMs,
    body: { versions: [{ z: text, a: createdAtMs }] },
  }) as unknown as AuthorRecord<'model'>;

export function authorRecordConformance(live: LiveStore): void {
  const stored = () => live.store.authorRecords;

  describe('records of authors', () => {
    it('are kept whatever they hold, replaced, and gone when they are deleted', async () => {
      expect(await stored().get('model', 'm')).toBeNull();
      expect(await stored().delete('model', 'm')).toBe(false);
      await stored().put(record('m', 5));
      await live.restart();
      expect(await stored().get('model', 'm')).toEqual(record('m', 5));
      // Keys stay in their order: whoever wrote them may compare text.
      const [version] = (await stored().get('model', 'm'))!.body.versions;
      expect(Object.keys(version!)).toEqual(['z', 'a']);
      await stored().put({ ...record('m', 9, BOB), body: record('m', 5, ADA, 'new').body });
      expect(await stored().get('model', 'm')).toEqual(record('m', 5, ADA, 'new'));
      expect(await stored().delete('model', 'm')).toBe(true);
      expect(await stored().get('model', 'm')).toBeNull();
    });

    it('are listed newest first in pages, of one author or of all, and counted', async () => {
      const all = [record('d', 3), record('c', 2, BOB), record('b', 2), record('a', 1)];
      for (const one of [all[3]!, all[1]!, all[0]!, all[2]!]) await stored().put(one);
      expect(await stored().list('model', null, null, 9)).toEqual({ rows: all, next: null });
      const first = await stored().list('model', null, null, 2);
      expect(first.rows).toEqual(all.slice(0, 2));
      const second = await stored().list('model', null, first.next, 2);
      expect(second).toEqual({ rows: all.slice(2), next: null });
      const own = await stored().list('model', ADA, null, 9);
      expect(own.rows).toEqual([all[0], all[2], all[3]]);
      expect(await stored().count('model', ADA)).toBe(3);
      expect(await stored().count('model', null)).toBe(4);
    });

    it('begin in a commit too, as events, and what became of one since then stays', async () => {
      const event = makeEvent(1);
      await live.commit({ events: [event, makeEvent(2)] });
      await live.restart();
      expect(await stored().get('openEvent', event.id)).toEqual(event);
      expect(await stored().count('openEvent', event.author)).toBe(2);
      const delivered = { state: { kind: 'delivered' }, attempts: [] } as const;
      const told = { ...event, body: { ...event.body, deliveries: { wh_1: delivered } } };
      await stored().put(told);
      await live.commit({ events: [event] });
      expect(await stored().get('openEvent', event.id)).toEqual(told);
      await stored().put({ ...told, kind: 'sentEvent' });
      expect(await stored().delete('openEvent', event.id)).toBe(true);
      const sent = await stored().list('sentEvent', event.author, null, 9);
      expect(sent.rows).toEqual([{ ...told, kind: 'sentEvent' }]);
    });
  });
}
