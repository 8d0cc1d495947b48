/** The map's own style: boundaries from our tiles, or a plain grid. It must never name an address off this installation. */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from './palette';
import { NEAR_ZOOM } from './seen';

export const FONT = 'Pretendard Map';
const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };

export function style(palette: Palette, tiles: string | null): StyleSpecification {
  const ground = tiles ? boundaries(palette, tiles) : grid(palette);
  return {
    version: 8,
    sources: { ...ground.sources, ...LIVE_SOURCES },
    layers: [...ground.layers, ...liveLayers(palette)],
  };
}

interface Ground {
  readonly sources: Record<string, SourceSpecification>;
  readonly layers: LayerSpecification[];
}

function boundaries(palette: Palette, tiles: string): Ground {
  const line = (id: string, layer: string, width: number, minzoom: number, opacity: number): LayerSpecification => ({
    id, type: 'line', source: 'korea', 'source-layer': layer, minzoom,
    paint: { 'line-color': palette.border, 'line-width': width, 'line-opacity': opacity },
  });
  const written = { 'text-color': palette.place, 'text-halo-color': palette.land, 'text-halo-width': 1.5 };
  const name = (id: string, layer: string, size: number, minzoom: number, maxzoom: number): LayerSpecification => ({
    id, type: 'symbol', source: 'korea', 'source-layer': layer, minzoom, maxzoom,
    layout: {
      'text-field': ['get', 'name'], 'text-size': size, 'text-font': [FONT], 'text-padding': 2, 'text-radial-offset': 0.6,
      'text-variable-anchor': ['center', 'top', 'bottom', 'left', 'right'],
    },
    paint: written,
  });
  return {
    sources: { korea: { type: 'vector', url: `pmtiles://${tiles}` }, names: { type: 'geojson', data: EMPTY } },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': palette.sea } },
      { id: 'land', type: 'fill', source: 'korea', 'source-layer': 'sido', paint: { 'fill-color': palette.land } },
      line('emd', 'emd', 0.6, 10, 0.6),
      line('sigungu', 'sigungu', 1, 7, 0.8),
      line('sido', 'sido', 1.6, 0, 1),
      { id: 'names', type: 'symbol', source: 'names',
        layout: {
          'text-field': ['get', 'name'], 'text-size': ['match', ['get', 'level'], 'sigungu', 18, 15], 'text-font': [FONT],
          'symbol-sort-key': ['match', ['get', 'level'], 'sigungu', 0, 1], 'text-padding': 4, 'text-radial-offset': 1,
          'text-variable-anchor': ['center', 'top', 'bottom', 'left', 'right'],
        },
        paint: written },
      name('sigungu-name', 'sigungu_name', 15, 7.5, NEAR_ZOOM),
      name('sido-name', 'sido_name', 16, 4, 9),
    ],
  };
}

function grid(palette: Palette): Ground {
  const lines = (step: number): GeoJSON.FeatureCollection => ({
    type: 'FeatureCollection',
    features: [...meridians(step), ...parallels(step)],
  });
  const layer = (id: string, minzoom: number, width: number): LayerSpecification => ({
    id, type: 'line', source: id, minzoom, paint: { 'line-color': palette.border, 'line-width': width, 'line-opacity': 0.5 },
  });
  return {
    sources: {
      'grid-1': { type: 'geojson', data: lines(1) },
      'grid-01': { type: 'geojson', data: lines(0.1) },
      'grid-001': { type: 'geojson', data: lines(0.01) },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': palette.land } },
      layer('grid-1', 0, 1.2), layer('grid-01', 8, 0.8), layer('grid-001', 12, 0.5),
    ],
  };
}

const [WEST, SOUTH, EAST, NORTH] = [124, 33, 132, 39];

function straight(coordinates: [number, number][]): GeoJSON.Feature {
  return { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } };
}

function meridians(step: number): GeoJSON.Feature[] {
  return Array.from({ length: Math.round((EAST - WEST) / step) + 1 }, (_, i) =>
    straight([[WEST + i * step, SOUTH], [WEST + i * step, NORTH]]));
}

function parallels(step: number): GeoJSON.Feature[] {
  return Array.from({ length: Math.round((NORTH - SOUTH) / step) + 1 }, (_, i) =>
    straight([[WEST, SOUTH + i * step], [EAST, SOUTH + i * step]]));
}

export const LIVE_SOURCES: Record<string, SourceSpecification> = {
  areas: { type: 'geojson', data: EMPTY },
  lines: { type: 'geojson', data: EMPTY },
  points: { type: 'geojson', data: EMPTY },
};

function bySide(palette: Palette): ExpressionSpecification {
  return ['match', ['get', 'side'], 'offender', palette.offender, 'victim', palette.victim, 'police', palette.police,
    'probation', palette.probation, palette.own];
}

export function liveLayers(palette: Palette): LayerSpecification[] {
  const quiet: ExpressionSpecification = ['case', ['get', 'quiet'], 0.08, ['get', 'old'], 0.12, 0.22];
  const faded: ExpressionSpecification = ['case', ['get', 'quiet'], 0.55, ['get', 'old'], 0.5, 1];
  const halo = { 'text-color': palette.ink, 'text-halo-color': palette.halo, 'text-halo-width': 2 } as const;
  return [
    { id: 'areas', type: 'fill', source: 'areas', paint: { 'fill-color': bySide(palette), 'fill-opacity': quiet } },
    { id: 'areas-edge', type: 'line', source: 'areas', filter: ['!', ['get', 'quiet']],
      paint: { 'line-color': bySide(palette), 'line-width': 1.5, 'line-dasharray': [3, 2] } },
    { id: 'rings', type: 'line', source: 'lines', filter: ['==', ['get', 'kind'], 'ring'],
      paint: { 'line-color': palette.dim, 'line-width': 1, 'line-opacity': 0.7 } },
    { id: 'banned', type: 'line', source: 'lines', filter: ['==', ['get', 'kind'], 'banned'],
      paint: { 'line-color': palette.banned, 'line-width': 2.5 } },
    { id: 'minutes', type: 'line', source: 'lines', filter: ['==', ['get', 'kind'], 'minutes'],
      paint: { 'line-color': palette.ink, 'line-width': 1.5, 'line-dasharray': [1, 3], 'line-opacity': 0.8 } },
    { id: 'way', type: 'line', source: 'lines', filter: ['==', ['get', 'kind'], 'way'],
      paint: { 'line-color': palette.offender, 'line-width': 1.5, 'line-dasharray': [5, 4] } },
    { id: 'rings-name', type: 'symbol', source: 'points', filter: ['has', 'ring'],
      layout: { 'text-field': ['get', 'label'], 'text-size': 14, 'text-font': [FONT], 'text-padding': 0 },
      paint: halo },
    { id: 'trails', type: 'line', source: 'lines', filter: ['==', ['get', 'kind'], 'trail'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': bySide(palette), 'line-width': 3, 'line-opacity': 0.75 } },
    { id: 'points', type: 'symbol', source: 'points', filter: ['!', ['has', 'ring']],
      layout: { 'icon-image': ['concat', ['get', 'icon'], '-', palette.name], 'icon-allow-overlap': true,
        'icon-size': ['case', ['get', 'quiet'], 0.6, 1], 'icon-rotation-alignment': 'viewport',
        'text-field': ['get', 'label'], 'text-size': 15, 'text-font': [FONT], 'text-optional': true,
        'text-variable-anchor': ['top', 'bottom', 'left', 'right'], 'text-radial-offset': 1.2,
        'text-justify': 'auto', 'text-line-height': 1.15 },
      // What says how old something is must be read.
      paint: { ...halo, 'icon-opacity': faded, 'text-opacity': ['case', ['get', 'quiet'], 0.55, 1] } },
  ];
}
