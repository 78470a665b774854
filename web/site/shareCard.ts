/**
 * A picture of one session to show others, made in the page: nothing of it is sent anywhere by this page.
 *
 * Says what the session's record says. `share` hands it to the system where the browser can, else it is saved.
 */
import { saveFile } from './saveFile.ts';

export interface ShareCard {
  readonly title: string;
  /** Large, below the title. */
  readonly figure: string;
  readonly lines: readonly string[];
  /** Whose network it was. */
  readonly place: string;
  readonly direction: 'ltr' | 'rtl';
}

export type Shared = 'shared' | 'saved' | 'given-up' | 'failed';

const WIDTH = 1200;
const HEIGHT = 630;
const MARGIN = 84;
/** For a line of text. */
const ROOM = WIDTH - 2 * MARGIN;
const FONT = 'system-ui, sans-serif';
const COLORS = { ground: '#0c1416', ink: '#e9f1f1', soft: '#9db3b1', accent: '#4dd1c1' } as const;

export async function shareCard(card: ShareCard): Promise<Shared> {
  const blob = await pngOf(card);
  if (blob === null) return 'failed';
  const file = new File([blob], 'idlewave.png', { type: 'image/png' });
  // The text stands on the picture: who cannot see it is told the same.
  const data = { files: [file], text: [card.title, card.figure, ...card.lines].join('\n') };
  if (typeof navigator.canShare === 'function' && navigator.canShare(data)) {
    try {
      await navigator.share(data);
      return 'shared';
    } catch (thrown) {
      if (thrown instanceof DOMException && thrown.name === 'AbortError') return 'given-up';
    }
  }
  saveFile(blob, file.name);
  return 'saved';
}

async function pngOf(card: ShareCard): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext('2d');
  if (pen === null) return null;
  drawCard(pen, card);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

function drawCard(pen: CanvasRenderingContext2D, card: ShareCard): void {
  pen.fillStyle = COLORS.ground;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  drawWave(pen, HEIGHT - 90, 34, 0.16);
  drawWave(pen, HEIGHT - 50, 26, 0.3);
  pen.direction = card.direction;
  pen.textAlign = 'start';
  pen.textBaseline = 'alphabetic';
  const x = card.direction === 'rtl' ? WIDTH - MARGIN : MARGIN;
  const write = (text: string, y: number, size: number, color: string, weight = 400): void => {
    pen.fillStyle = color;
    // Smaller where it is long, and only then cut.
    let points = size;
    do pen.font = `${weight} ${points}px ${FONT}`;
    while (pen.measureText(text).width > ROOM && (points -= 2) > size / 2);
    pen.fillText(fitted(pen, text), x, y);
  };
  write(card.title, 140, 46, COLORS.ink, 650);
  write(card.figure, 250, 84, COLORS.accent, 700);
  card.lines.forEach((line, i) => write(line, 325 + i * 52, 36, COLORS.soft));
  write(card.place, HEIGHT - 34, 28, COLORS.ink, 600);
}

/** As much of a text as fits on one line. */
function fitted(pen: CanvasRenderingContext2D, text: string): string {
  if (pen.measureText(text).width <= ROOM) return text;
  let end = text.length;
  while (end > 0 && pen.measureText(`${text.slice(0, end)}…`).width > ROOM) end -= 1;
  return `${text.slice(0, end)}…`;
}

function drawWave(pen: CanvasRenderingContext2D, top: number, tall: number, alpha: number): void {
  pen.globalAlpha = alpha;
  pen.fillStyle = COLORS.accent;
  pen.beginPath();
  pen.moveTo(0, HEIGHT);
  for (let x = 0; x <= WIDTH; x += 8) {
    pen.lineTo(x, top + tall * Math.sin((x / WIDTH) * 4 * Math.PI + top));
  }
  pen.lineTo(WIDTH, HEIGHT);
  pen.fill();
  pen.globalAlpha = 1;
}
