/** Plane geometry in metres around a place. It must never be used to decide anything: detection measures. */
const METRES_PER_DEGREE = 111_195;
const RADIAN = Math.PI / 180;

export interface Place {
  readonly lon: number;
  readonly lat: number;
}

/** Metres east and north from a to b. */
export function offset(a: Place, b: Place): readonly [number, number] {
  const middle = ((a.lat + b.lat) / 2) * RADIAN;
  return [(b.lon - a.lon) * METRES_PER_DEGREE * Math.cos(middle), (b.lat - a.lat) * METRES_PER_DEGREE];
}

export function shifted(from: Place, east: number, north: number): Place {
  const lat = from.lat + north / METRES_PER_DEGREE;
  return { lat, lon: from.lon + east / (METRES_PER_DEGREE * Math.cos(((from.lat + lat) / 2) * RADIAN)) };
}

export function distance(a: Place, b: Place): number {
  return Math.hypot(...offset(a, b));
}

/** Degrees clockwise from north, 0 to 360. */
export function bearing(a: Place, b: Place): number {
  const [east, north] = offset(a, b);
  return (Math.atan2(east, north) / RADIAN + 360) % 360;
}

/** A circle of that radius as a closed ring of [lon, lat]. */
export function circle(at: Place, radius: number, corners = 48): [number, number][] {
  return Array.from({ length: corners + 1 }, (_, i) => {
    const turn = (i / corners) * 2 * Math.PI;
    const point = shifted(at, radius * Math.sin(turn), radius * Math.cos(turn));
    return [point.lon, point.lat];
  });
}

/** Radii that hold 95 % and 68 % of a two-dimensional error of one sigma per axis. */
export const R95 = 2.4477;
export const R68 = 1.5096;

/** What a disc and a ± mean on every screen: with at least 95 % the truth is not further off than these metres. Sigmas per
 * axis, both ends' for a distance: it errs no more than the difference of the two places does. */
export function within95(...sigmas: readonly number[]): number {
  return R95 * Math.hypot(...sigmas);
}
