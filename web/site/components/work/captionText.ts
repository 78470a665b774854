/** What is said of a picture, in the page's language. */
import type { Figures } from '../../i18n/figures.ts';
import type { InnerWords } from '../../i18n/enInner.ts';
import type { Caption } from '../../pictures/picture.ts';

const VOLUME_DIGITS = 5;

export function captionText(
  of: Caption,
  captions: InnerWords['seeing']['captions'],
  figures: Figures,
): string {
  switch (of.kind) {
    case 'digit':
      return captions.digit(of.digit);
    case 'class':
      return captions.class(of.of, of.output);
    case 'faces':
      return of.count === 0 ? captions.noFaces : captions.faces(of.count);
    case 'volume':
      return captions.volume(
        of.dimensions,
        figures.decimal(of.estimate.toFixed(VOLUME_DIGITS)),
        figures.decimal(of.exact.toFixed(VOLUME_DIGITS)),
      );
    case 'bodies':
      return captions.bodies(of.bodies, of.steps);
    default:
      return of satisfies never;
  }
}
