/** The map: draws a scene, frames it, and stays out of the way. It must never ask any address but our own, or the style the
 * installation named. */
import 'maplibre-gl/dist/maplibre-gl.css';
import './font.css';
import * as maplibregl from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { Protocol } from 'pmtiles';
import { useEffect, useRef, useState } from 'react';
import { useAfterPaint } from './afterPaint';
import { changed, numbered } from './changes';
import { draw, RATIO } from './icons';
import type { Palette } from './palette';
import type { Scene } from './scene';
import { name, unname } from './seen';
import { FONT, LIVE_SOURCES, liveLayers, style } from './style';

maplibregl.setWorkerUrl(worker);
maplibregl.addProtocol('pmtiles', new Protocol().tile);

export interface Ground {
  /** Whether our own tiles are there. */
  readonly tiles: boolean;
  /** A style of the installation's own. */
  readonly url: string | null;
}

interface Props {
  readonly scene: Scene;
  readonly palette: Palette;
  readonly ground: Ground;
  readonly label: string;
  /** Frames anew whenever this changes. */
  readonly frame: string;
  readonly bearing?: number | null;
  readonly padding?: number | { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number };
  readonly onFail: (what: 'map' | 'style') => void;
}

const KOREA: [number, number, number, number] = [125.5, 33.1, 130.2, 38.7];

export default function MapView(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<maplibregl.Map | null>(null);
  const held = useRef(props);
  held.current = props;
  const roaming = useRef(false);
  const [where, setWhere] = useState<readonly string[]>([]);

  useEffect(() => {
    if (!box.current) return;
    const made = create(box.current, held);
    map.current = made;
    if (!made) return;
    // Somebody who moves the map wants it where they put it, until another pair is framed.
    const roam = (event: { originalEvent?: unknown }) => {
      if (event.originalEvent) roaming.current = true;
    };
    made.on('dragstart', roam);
    made.on('zoomstart', roam);
    let named = '';
    made.on('style.load', () => {
      named = '';
      show(made, held.current);
    });
    made.on('idle', () => {
      // People move each second, the view seldom: it is named once it stands.
      const view = `${made.getCenter().toString()} ${made.getZoom()} ${made.getBearing()} ${box.current?.clientWidth}`;
      if (view === named) return;
      named = view;
      setWhere(name(made));
    });
    made.once('idle', () => box.current?.setAttribute('data-ready', 'true'));
    return () => {
      map.current = null;
      made.remove();
    };
  }, []);

  const { palette, ground, scene, frame, bearing = null } = props;
  const dressed = useRef<unknown[] | null>(ground.url === null ? [palette, ground.tiles, null] : null);
  useEffect(() => {
    const wanted = [palette, ground.tiles, ground.url];
    if (!map.current || wanted.every((one, place) => one === dressed.current?.[place])) return;
    dressed.current = wanted;
    dress(map.current, palette, ground);
  }, [palette, ground]);
  useEffect(() => {
    roaming.current = false;
    // Where somebody was is not looked at any longer than they are followed.
    if (map.current && !held.current.scene.bounds) {
      map.current.fitBounds(KOREA, { animate: false });
      unname(map.current);
      setWhere([]);
    }
  }, [frame]);
  const later = useAfterPaint(() => {
    if (!map.current) return;
    show(map.current, held.current);
    if (!roaming.current) look(map.current, held.current);
  });
  useEffect(later, [later, frame, bearing, scene]);

  return (
    <>
      <div ref={box} className="j-map" data-testid="map" />
      {where.length > 0 ? <p className="j-where" lang="ko" data-testid="where">{where.map((one) => <span key={one}>{one} </span>)}</p> : null}
    </>
  );
}

function create(container: HTMLElement, held: { readonly current: Props }): maplibregl.Map | null {
  try {
    const { palette, ground, label } = held.current;
    const made = new maplibregl.Map({
      container, style: style(palette, address(ground)), bounds: KOREA, attributionControl: false, fadeDuration: 0,
      dragRotate: false, pitchWithRotate: false, touchPitch: false, localIdeographFontFamily: `'${FONT}'`,
    });
    made.getCanvas().setAttribute('aria-label', label);
    made.setMissingStyleImageResolver((id) => {
      const image = draw(id, held.current.palette);
      if (image && !made.hasImage(id)) made.addImage(id, image, { pixelRatio: RATIO });
    });
    made.on('error', ({ error }) => {
      if (held.current.ground.url && /style|fetch|status/i.test(error.message)) held.current.onFail('style');
    });
    if (ground.url) made.addControl(new maplibregl.AttributionControl({ compact: true }));
    void document.fonts.load(`16px '${FONT}'`, '가A1');
    return made;
  } catch {
    held.current.onFail('map');
    return null;
  }
}

function address(ground: Ground): string | null {
  return ground.tiles ? `${window.location.origin}/map/korea.pmtiles` : null;
}

function dress(map: maplibregl.Map, palette: Palette, ground: Ground): void {
  if (ground.url === null) {
    map.setStyle(style(palette, address(ground)), { diff: false });
    return;
  }
  map.setStyle(ground.url, {
    diff: false,
    // Without its glyphs every name is drawn with the face we carry: a server of glyphs knows none of ours.
    transformStyle: (_, { glyphs: _glyphs, ...next }) => ({
      ...next, sources: { ...next.sources, ...LIVE_SOURCES }, layers: [...next.layers, ...liveLayers(palette)],
    }),
  });
}

/** What each source was last given: a source of a new style has been given nothing. */
const given = new WeakMap<maplibregl.GeoJSONSource, GeoJSON.FeatureCollection>();

/** Only what changed is told, so that only the tiles it lies in are made anew. */
function show(map: maplibregl.Map, { scene }: Props): void {
  for (const name of ['areas', 'lines', 'points'] as const) {
    const source = map.getSource<maplibregl.GeoJSONSource>(name);
    if (!source) continue;
    const next = scene[name];
    const known = given.get(source);
    const news = known ? changed(known, next) : null;
    given.set(source, next);
    if (news === null) void source.setData(numbered(next));
    else if (news.length > 0) void source.updateData({ add: news });
  }
}

function look(map: maplibregl.Map, { scene, bearing = null, padding = 90 }: Props): void {
  if (!scene.bounds) return;
  const [west, south, east, north] = scene.bounds;
  const camera = map.cameraForBounds([[west, south], [east, north]], {
    padding, maxZoom: 16.5, ...(bearing === null ? {} : { bearing }),
  });
  if (camera && (bearing !== null || hasLeft(map, scene.bounds, camera.zoom ?? 0))) map.jumpTo(camera);
}

/** Nearer to the edge than this, a name is cut off. */
const EDGE = 60;

/** Whether the view no longer serves: something outside it, or all of it too small. A map that follows each fix is unrest. */
function hasLeft(map: maplibregl.Map, [west, south, east, north]: NonNullable<Scene['bounds']>, zoom: number): boolean {
  // The canvas' own size: asking an element for its would lay the whole page out anew.
  const { width, height } = map.getCanvas();
  const [wide, high] = [width / map.getPixelRatio(), height / map.getPixelRatio()];
  const inside = [map.project([west, south]), map.project([east, north])].every(
    ({ x, y }) => x > EDGE && y > EDGE && x < wide - EDGE && y < high - EDGE,
  );
  return !inside || zoom - map.getZoom() > 0.8;
}
