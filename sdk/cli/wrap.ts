/**
 * Long sentences as lines of a terminal: a label, and the text beside it.
 */

/** Wide enough for a sentence, narrow enough for half a screen. */
const LINE_CHARS = 100;

/** The text behind `head`; further lines begin under it. A word that is too long has a line of its own. */
export function wrapped(head: string, text: string): string[] {
  const indent = ' '.repeat(head.length);
  const lines: string[] = [];
  let line = head;
  for (const word of text.split(' ')) {
    const isEmpty = line.length === head.length;
    if (!isEmpty && line.length + 1 + word.length > LINE_CHARS) {
      lines.push(line);
      line = indent + word;
    } else line += isEmpty ? word : ` ${word}`;
  }
  return [...lines, line];
}
