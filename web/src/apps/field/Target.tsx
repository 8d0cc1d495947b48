/** Where to: the map with one's own way up, an arrow, the distance, and how old and how sure it is. */
import { lazy, Suspense, useMemo, useState } from 'react';
import type { Position } from '../../protocol/frames';
import { scene } from '../../map/scene';
import type { Task } from '../../state/field';
import { bearing, distance } from '../../state/geo';
import { deskNow, type DeskClock, PROMISE_S } from '../../state/time';
import { Age } from '../../ui/Age';
import { Doubt } from '../../ui/Doubt';
import { metres } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { PALETTES, words } from '../../ui/mapping';
import { useDaylight, useSite } from '../../ui/Shell';
import { useText } from '../../ui/text';
import type { OwnPlace } from './useOwnPlace';

/** The figures stand at the top, the map's source at the bottom. */
const PADDING = { top: 110, bottom: 80, left: 45, right: 45 };

const MapView = lazy(() => import('../../map/MapView'));

interface Props {
  readonly task: Task;
  readonly target: Position | null;
  readonly own: OwnPlace | null;
  readonly clock: DeskClock;
}

export function Target({ task, target, own, clock }: Props) {
  const { t } = useText();
  if (task.body.toward === 'place') return <section className="f-target"><p className="f-none">{t.field.placeTarget}</p></section>;
  if (target === null) return <section className="f-target"><p className="f-none">{t.field.noTarget}</p></section>;
  const to = own ? bearing(own, target) : null;
  // The way one goes is up; at rest, the way to the target.
  const up = own?.heading ?? to;
  return (
    <section className="f-target" aria-label={t.map.title}>
      <Chart task={task} target={target} own={own} clock={clock} up={up} />
      <div className="f-figures">
        {to === null || up === null ? null : <Arrow turn={to - up} />}
        <div>
          <strong className="j-num">{own ? metres(t, distance(own, target)) : '—'}</strong>
          <Doubt sigmas={own ? [target.sigma_m, own.sigma_m] : [target.sigma_m]} />
          <span><Age at={target.t} clock={clock} promise={PROMISE_S.position} silent /></span>
        </div>
      </div>
      {own ? null : <p className="f-own">{t.field.noOwn}</p>}
    </section>
  );
}

function Arrow({ turn }: { readonly turn: number }) {
  return (
    <svg className="f-arrow" width="72" height="72" viewBox="0 0 72 72" aria-hidden="true">
      <path d="M36 6 58 62 36 50 14 62z" fill="currentColor" transform={`rotate(${turn.toFixed(0)} 36 36)`} />
    </svg>
  );
}

function Chart({ task, target, own, clock, up }: Omit<Props, 'target'> & { readonly target: Position; readonly up: number | null }) {
  const { t } = useText();
  const { night } = useDaylight();
  const site = useSite();
  const [failed, setFailed] = useState<'map' | 'style' | null>(null);
  const now = Math.floor(deskNow(clock, useLocalSecond()));
  const side = task.body.toward === 'victim' ? 'victim' : 'offender';
  const drawn = useMemo(
    () => scene({
      tracks: new Map([[target.subject, { now: target, trail: [] }]]),
      parties: [{ subject: target.subject, side, quiet: false }], units: [], incident: null, radius: null, approach: null, own, now, words: words(t),
    }),
    [target, own, now, side, t],
  );
  const ground = useMemo(
    () => ({ tiles: site?.tiles ?? false, url: failed === 'style' ? null : (site?.map_style ?? null) }), [site, failed],
  );
  if (site === null || failed === 'map') return <p className="f-none">{t.map.failed}</p>;
  // Turned in steps: a map that swings with every fix cannot be read.
  const turn = up === null ? null : Math.round(up / 10) * 10;
  return (
    <>
      <Suspense fallback={null}>
        <MapView
          scene={drawn} palette={night ? PALETTES.night : PALETTES.day} ground={ground} label={t.map.title}
          frame={task.body.tasking} bearing={turn} padding={PADDING} onFail={setFailed}
        />
      </Suspense>
      <p className="f-source">{ground.url ? null : ground.tiles ? `${site.exercise ? t.map.noteExercise : t.map.note} · ${t.map.source}` : t.map.plain}</p>
    </>
  );
}
