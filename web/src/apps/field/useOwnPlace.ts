/** Where this phone is, told to the desk every few seconds. It must never be kept: only the newest is held. */
import { useEffect, useRef, useState } from 'react';
import { desk } from '../../protocol/http';
import type { Store } from '../../state/store';
import { deskNow, type DeskClock, localNow } from '../../state/time';

export interface OwnPlace {
  readonly lon: number;
  readonly lat: number;
  readonly accuracy: number;
  /** Degrees from north while moving; null at rest. */
  readonly heading: number | null;
}

const EVERY_MS = 5000;
/** A phone says the radius that holds 68 %; the desk takes the sigma per axis. */
const R68 = 1.515;

export function useOwnPlace(unit: string | null, clock: Store<DeskClock>): OwnPlace | null {
  const [place, setPlace] = useState<OwnPlace | null>(null);
  const told = useRef(0);
  useEffect(() => {
    if (!('geolocation' in navigator)) return;
    const watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        const { longitude: lon, latitude: lat, accuracy, heading, speed } = coords;
        setPlace({ lon, lat, accuracy, heading: heading !== null && (speed ?? 0) > 1 ? heading : null });
        if (unit === null || Date.now() - told.current < EVERY_MS) return;
        // Before the desk has said what time it is, a position has no time the desk would understand.
        if (clock.get().heard === null) return;
        told.current = Date.now();
        const at = deskNow(clock.get(), Math.min(localNow(), timestamp / 1000));
        const where = { lon, lat, sigma_m: Math.max(1, accuracy / R68), at: new Date(at * 1000).toISOString() };
        desk.position(unit, where).catch(() => {
          told.current = 0;
        });
      },
      () => setPlace(null),
      { enableHighAccuracy: true, maximumAge: 2000 },
    );
    return () => navigator.geolocation.clearWatch(watch);
  }, [unit, clock]);
  return place;
}
