/** Where the names of divisions stand in what is seen of them, and in which of them a place lies. Pure; it must never be taken
 * for a jurisdiction. */
import type { Place } from '../state/geo';

export const LEVELS = ['sido', 'sigungu', 'emd'] as const;
export type Level = (typeof LEVELS)[number];

/** A piece of a division: polygons of rings of [lon, lat]; a name may have several. */
export interface Area {
  readonly level: Level;
  readonly name: string;
  readonly polygons: readonly (readonly (readonly (readonly number[])[])[])[];
}

/** A spot of the screen and where it is on the ground. */
export interface Spot extends Place {
  readonly x: number;
  readonly y: number;
}

export interface Name extends Spot {
  readonly level: Level;
  readonly name: string;
}

/** Nearer than this to an edge or another name, and a name is better left out, in pixels. */
const LEAST = 24;

/** One name for each division of these levels in the middle of what is seen of it: away from edges, from other names and from
 * the view's own middle, where people are. The first level's names are placed first. */
export function named(areas: readonly Area[], levels: readonly Level[], spots: readonly Spot[], wide: number, high: number): readonly Name[] {
  const found: Name[] = [];
  for (const level of levels) {
    const whose = spots.map((spot) => nameAt(areas, level, spot));
    for (const name of new Set(whose)) {
      if (name === null) continue;
      const others = spots.filter((_, at) => whose[at] !== name);
      const best = furthest(spots.filter((_, at) => whose[at] === name), [...others, ...found, { x: wide / 2, y: high / 2 }], wide, high);
      if (best) found.push({ ...best, level, name });
    }
  }
  return found;
}

/** The names of what a place lies in, the largest first. */
export function within(areas: readonly Area[], place: Place): readonly string[] {
  return LEVELS.flatMap((level) => nameAt(areas, level, place) ?? []);
}

function furthest(mine: readonly Spot[], from: readonly { readonly x: number; readonly y: number }[], wide: number, high: number): Spot | null {
  const room = (spot: Spot) => Math.min(
    spot.x, spot.y, wide - spot.x, high - spot.y, ...from.map((other) => Math.hypot(other.x - spot.x, other.y - spot.y)),
  );
  const ranked = mine.map((spot) => [room(spot), spot] as const).sort((a, b) => b[0] - a[0])[0];
  return ranked && ranked[0] >= LEAST ? ranked[1] : null;
}

function nameAt(areas: readonly Area[], level: Level, place: Place): string | null {
  return areas.find((area) => area.level === level && area.polygons.some((rings) => holds(rings, place)))?.name ?? null;
}

/** Whether an odd number of edges lies to the east: holes count as edges do. */
function holds(rings: readonly (readonly (readonly number[])[])[], { lon, lat }: Place): boolean {
  let inside = false;
  for (const ring of rings) {
    ring.forEach(([x = 0, y = 0], at) => {
      const [px = 0, py = 0] = ring[(at + ring.length - 1) % ring.length] ?? [];
      if (y > lat !== py > lat && lon < ((px - x) * (lat - y)) / (py - y) + x) inside = !inside;
    });
  }
  return inside;
}
