/** The names of what the map shows, asked of its own tiles once a view stands still. It must never ask another address. */
import type { GeoJSONSource, Map as Drawn } from 'maplibre-gl';
import { type Area, type Level, LEVELS, named, type Spot, within } from './naming';

/** From here on the view lies in one district. */
const DISTRICT_ZOOM = 9;
/** From here on names are placed in what is seen; further out each stands in its division's middle. */
export const NEAR_ZOOM = 11;
/** A narrower map has no room for names: where it is, is said beside it. */
const ROOMY = 480;
const COLUMNS = 16;
const ROWS = 12;

/** Name what is seen; returns in what the view's middle lies, the largest first: nothing without tiles of ours, nor of a view
 * that shows half the country. */
export function name(map: Drawn): readonly string[] {
  const source = map.getSource<GeoJSONSource>('names');
  if (!source) return [];
  const areas = LEVELS.flatMap((level) => pieces(map, level));
  const { clientWidth: wide, clientHeight: high } = map.getContainer();
  const near = map.getZoom() >= NEAR_ZOOM && wide >= ROOMY ? named(areas, ['sigungu', 'emd'], spots(map, wide, high), wide, high) : [];
  source.setData({
    type: 'FeatureCollection',
    features: near.map(({ level, name: said, lon, lat }) => ({
      type: 'Feature', properties: { level, name: said }, geometry: { type: 'Point', coordinates: [lon, lat] },
    })),
  });
  const { lng: lon, lat } = map.getCenter();
  return map.getZoom() >= DISTRICT_ZOOM ? within(areas, { lon, lat }) : [];
}

/** Names nothing until the next view stands. */
export function unname(map: Drawn): void {
  map.getSource<GeoJSONSource>('names')?.setData({ type: 'FeatureCollection', features: [] });
}

function pieces(map: Drawn, level: Level): readonly Area[] {
  return map.querySourceFeatures('korea', { sourceLayer: level }).flatMap(({ geometry, properties }) => {
    const said: unknown = properties.name;
    if (typeof said !== 'string') return [];
    if (geometry.type === 'Polygon') return [{ level, name: said, polygons: [geometry.coordinates] }];
    return geometry.type === 'MultiPolygon' ? [{ level, name: said, polygons: geometry.coordinates }] : [];
  });
}

function spots(map: Drawn, wide: number, high: number): readonly Spot[] {
  return Array.from({ length: COLUMNS * ROWS }, (_, at) => {
    const x = ((at % COLUMNS) + 0.5) * (wide / COLUMNS);
    const y = (Math.floor(at / COLUMNS) + 0.5) * (high / ROWS);
    const { lng: lon, lat } = map.unproject([x, y]);
    return { x, y, lon, lat };
  });
}
