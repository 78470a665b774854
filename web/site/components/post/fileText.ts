import type { FileProblem } from '../../../../sdk/inputs/fileProblem.ts';

/** What is wrong with a file, in one line for a page. */
export const fileText = ({ file, expected, came, fix }: FileProblem): string =>
  `${file}: expected ${expected}; came ${came}; ${fix}`;
