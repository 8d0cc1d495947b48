/** Where a place is, as somebody copies it from a map. It must never guess which of two numbers is which. */
export interface Point {
  readonly lat: number;
  readonly lon: number;
}

const NUMBER = /^-?\d{1,3}(\.\d+)?$/;

/** Latitude first, then longitude, in degrees; null for anything else, also the wrong way round where that can be seen. */
export function pointOf(said: string): Point | null {
  const parts = said.trim().split(/\s*,\s*|\s+/);
  if (parts.length !== 2 || !parts.every((one) => NUMBER.test(one))) return null;
  const [lat = NaN, lon = NaN] = parts.map(Number);
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

/** Metres; undefined for nothing, null for what is no radius. */
export function radiusOf(said: string): number | undefined | null {
  if (said.trim() === '') return undefined;
  const metres = Number(said.trim());
  return metres > 0 && metres <= 100_000 ? metres : null;
}
