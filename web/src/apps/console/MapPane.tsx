/** The map of the chosen pair, the rest quiet; what it says where there is nothing to draw. */
import { lazy, Suspense, useMemo, useState } from 'react';
import type { Sight } from '../../protocol/http';
import { scene, type Party } from '../../map/scene';
import type { Room } from '../../state/room';
import { contactOf } from '../../state/contact';
import { deskNow, type DeskClock } from '../../state/time';
import { useLocalSecond } from '../../ui/hooks';
import { PALETTES, words } from '../../ui/mapping';
import { useDaylight, useSite } from '../../ui/Shell';
import { useText } from '../../ui/text';

const MapView = lazy(() => import('../../map/MapView'));

interface Props {
  readonly room: Room;
  readonly sight: Sight | null;
  readonly clock: DeskClock;
  readonly framing: number;
}

export function MapPane({ room, sight, clock, framing }: Props) {
  const { t } = useText();
  const { night } = useDaylight();
  const site = useSite();
  const [failed, setFailed] = useState<'map' | 'style' | null>(null);
  const ground = useMemo(
    () => ({ tiles: site?.tiles ?? false, url: failed === 'style' ? null : (site?.map_style ?? null) }),
    [site, failed],
  );
  const drawn = useScene(room, sight, clock);
  const nobody = sight === null ? (room.sights.size > 0 ? t.map.nobody : null) : drawn.bounds === null ? t.map.noPositions : null;
  return (
    <section className="c-map" aria-label={t.map.title}>
      {failed === 'map' || site === null ? null : (
        <Suspense fallback={null}>
          <MapView
            scene={drawn} palette={night ? PALETTES.night : PALETTES.day} ground={ground} label={t.map.title}
            frame={`${sight?.id ?? ''}:${framing}`} onFail={setFailed}
          />
        </Suspense>
      )}
      {failed === 'map' ? <p className="c-map-note" role="status">{t.map.failed}</p> : null}
      {nobody && failed !== 'map' ? <p className="c-map-note">{nobody}</p> : null}
      <p className="c-map-source">
        {failed === 'style' ? t.map.failedStyle : ground.url ? null : ground.tiles ? `${site?.exercise ? t.map.noteExercise : t.map.note} · ${t.map.source}` : t.map.plain}
        {drawn.bounds ? <span className="j-dim"> {t.map.legend}</span> : null}
      </p>
    </section>
  );
}

function useScene(room: Room, sight: Sight | null, clock: DeskClock) {
  const { t } = useText();
  const now = Math.floor(deskNow(clock, useLocalSecond()));
  const { tracks, sights, units, pairs } = room;
  const pair = (sight && pairs.get(sight.id)) ?? null;
  return useMemo(() => {
    const approach = pair && { ...pair, assumed: contactOf(pair)?.walking ?? true };
    const parties = [...sights.values()].flatMap((one): Party[] => [
      ...(one.victim ? [{ subject: one.victim, side: 'victim' as const, quiet: one.id !== sight?.id }] : []),
      ...(one.offender ? [{ subject: one.offender, side: 'offender' as const, quiet: one.id !== sight?.id }] : []),
    ]);
    // The chosen pair is drawn last, over everybody else.
    parties.sort((a, b) => Number(b.quiet) - Number(a.quiet));
    return scene({
      tracks, parties, units, incident: sight?.id ?? null, radius: sight?.radius_m ?? null, approach, own: null, now, words: words(t),
    });
  }, [tracks, sights, units, sight, pair, now, t]);
}
