/**
 * A WGSL module's text as tokens, with the places where statements begin and where loops do: for what is written into a
 * module before it is compiled. Understands no types; the compiler does.
 */

export interface Token {
  readonly text: string;
  readonly at: number;
  readonly line: number;
}

/** Something to be written before a token. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** What a brace is of. */
type Brace = 'block' | 'loop' | 'switch' | 'other';

/** Comments to the end of their line, as WGSL breaks lines; words, numbers, and single characters. */
const TOKEN =
  /\/\/[^\n\v\f\r\u0085\u2028\u2029]*|\/\*|[\p{XID_Start}_]\p{XID_Continue}*|\d[\w.]*|\s+|[^]/gu;
/** Before these no statement may be put, or none begins. */
const NOT_A_STATEMENT = new Set(['}', 'case', 'default', 'else', 'continuing', ';', '@', ')']);
const LOOPS = new Set(['for', 'while', 'loop']);

export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(source); found !== null; found = TOKEN.exec(source)) {
    let [text] = found;
    const at = found.index;
    if (text === '/*') {
      text = source.slice(at, endOfComment(source, at));
      TOKEN.lastIndex = at + text.length;
    } else if (!text.startsWith('//') && text.trim() !== '') tokens.push({ text, at, line });
    line += text.split('\n').length - 1;
  }
  return tokens;
}

export interface Structure {
  /** The first tokens of statements. */
  readonly statements: readonly Token[];
  readonly loops: readonly {
    /** The word that begins it. */
    readonly word: Token;
    /** What follows its open brace. */
    readonly first: Token;
    readonly mayWait: boolean;
  }[];
}

export function structureOf(tokens: readonly Token[]): Structure {
  const statements: Token[] = [];
  const loops: { word: Token; first: Token; from: number; to: number }[] = [];
  let word: Token | null = null;
  const open: { brace: Brace; loop: (typeof loops)[number] | null }[] = [];
  let parentheses = 0;
  let next: Brace | null = null;
  for (const [i, { text }] of tokens.entries()) {
    const following = tokens[i + 1];
    if (text === 'fn') next = 'block';
    else if (text === 'switch') next = 'switch';
    else if (LOOPS.has(text)) [next, word] = ['loop', tokens[i]!];
    else if (text === '(' || text === '[') parentheses += 1;
    else if (text === ')' || text === ']') parentheses -= 1;
    else if (text === '{') {
      const isInside = open.length > 0 && open[0]!.brace !== 'other';
      const brace = next ?? (isInside ? 'block' : 'other');
      const isLoop = brace === 'loop' && following !== undefined;
      const loop = isLoop ? { word: word!, first: following, from: i, to: tokens.length } : null;
      if (loop !== null) loops.push(loop);
      open.push({ brace, loop });
      next = null;
    } else if (text === '}') {
      const closed = open.pop();
      if (closed?.loop != null) closed.loop.to = i;
    }
    const mayBegin = text === '{' || text === '}' || text === ';';
    const around = open.at(-1)?.brace;
    if (!mayBegin || following === undefined || parentheses > 0) continue;
    if (around !== 'block' && around !== 'loop') continue;
    const isBreakIf = following.text === 'break' && tokens[i + 2]?.text === 'if';
    if (!NOT_A_STATEMENT.has(following.text) && !isBreakIf) statements.push(following);
  }
  const waiting = waitingNames(tokens);
  return {
    statements,
    loops: loops.map(({ word: begins, first, from, to }) => ({
      word: begins,
      first,
      mayWait: tokens.slice(from, to).some(({ text }) => waiting.has(text)),
    })),
  };
}

export function withInsertions(source: string, insertions: readonly Insertion[]): string {
  let whole = '';
  let from = 0;
  for (const { at, text } of [...insertions].sort((a, b) => a.at - b.at)) {
    whole += source.slice(from, at) + text;
    from = at;
  }
  return whole + source.slice(from);
}

const BARRIERS = ['workgroupBarrier', 'storageBarrier', 'textureBarrier', 'workgroupUniformLoad'];

/** Barriers, and functions that have one or call one that has. */
function waitingNames(tokens: readonly Token[]): ReadonlySet<string> {
  const bodies = new Map<string, Set<string>>();
  let current: Set<string> | null = null;
  for (const [i, { text }] of tokens.entries()) {
    if (tokens[i - 1]?.text === 'fn') bodies.set(text, (current = new Set()));
    else current?.add(text);
  }
  const waiting = new Set(BARRIERS);
  for (let before = -1; before < waiting.size;) {
    before = waiting.size;
    for (const [name, words] of bodies) {
      if ([...waiting].some((it) => words.has(it))) waiting.add(name);
    }
  }
  return waiting;
}

/** Comments of blocks nest. */
function endOfComment(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const two = source.slice(at, at + 2);
    if (two === '/*') depth += 1;
    else if (two === '*/') depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return source.length;
}
