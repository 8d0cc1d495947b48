/** What of a drawing is new since it was last given to the map. Pure; it must never take for the same what is drawn otherwise,
 * nor change the order in which things lie on each other. */

/** Each feature under its place in the whole: a map replaces one by its number, and keeps its place. */
export function numbered(whole: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection {
  return { ...whole, features: whole.features.map(placed) };
}

/** The features that are others than before, each under its number; null where only the whole will do. */
export function changed(before: GeoJSON.FeatureCollection, after: GeoJSON.FeatureCollection): GeoJSON.Feature[] | null {
  if (before.features.length !== after.features.length) return null;
  return after.features.flatMap((one, at) => (same(one, before.features[at]) ? [] : [placed(one, at)]));
}

function placed(one: GeoJSON.Feature, at: number): GeoJSON.Feature {
  return { ...one, id: at };
}

/** Whether two values of plain JSON say the same. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, at) => same(one, b[at]));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [mine, theirs] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(mine);
  return keys.length === Object.keys(theirs).length && keys.every((key) => same(mine[key], theirs[key]));
}
