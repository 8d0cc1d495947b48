/** The shapes of people and units on the map, drawn once for each palette. The same shapes as in the lists. */
import type { Palette } from './palette';

const SIZE = 56;
/** Drawn at twice the size it is shown at. */
export const RATIO = 2;

type Draw = (pen: CanvasRenderingContext2D) => void;

function path(points: readonly (readonly [number, number])[]): Draw {
  return (pen) => {
    pen.beginPath();
    points.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x * SIZE, y * SIZE) : pen.lineTo(x * SIZE, y * SIZE)));
    pen.closePath();
  };
}

const SHAPES: Record<string, Draw> = {
  offender: path([[0.5, 0.08], [0.92, 0.5], [0.5, 0.92], [0.08, 0.5]]),
  victim: (pen) => {
    pen.beginPath();
    pen.arc(SIZE / 2, SIZE / 2, SIZE * 0.36, 0, 2 * Math.PI);
  },
  police: path([[0.5, 0.1], [0.88, 0.22], [0.84, 0.58], [0.5, 0.92], [0.16, 0.58], [0.12, 0.22]]),
  probation: path([[0.15, 0.15], [0.85, 0.15], [0.85, 0.85], [0.15, 0.85]]),
  meet: path([[0.3, 0.14], [0.5, 0.34], [0.7, 0.14], [0.86, 0.3], [0.66, 0.5], [0.86, 0.7], [0.7, 0.86], [0.5, 0.66], [0.3, 0.86], [0.14, 0.7], [0.34, 0.5], [0.14, 0.3]]),
  own: path([[0.5, 0.06], [0.86, 0.92], [0.5, 0.72], [0.14, 0.92]]),
};

/** The image called `shape-palette`; null for a name nobody drew. */
export function draw(name: string, palette: Palette): ImageData | null {
  const shape = name.split('-')[0] ?? '';
  const outline = SHAPES[shape];
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext('2d');
  if (!outline || !pen) return null;
  outline(pen);
  pen.lineJoin = 'round';
  pen.lineWidth = 8;
  pen.strokeStyle = palette.halo;
  pen.stroke();
  pen.fillStyle = palette[shape as 'offender'];
  pen.fill();
  return pen.getImageData(0, 0, SIZE, SIZE);
}
