/** Where this phone is, told to the desk every few seconds. It must never be kept: only the newest is held. */
import { useEffect, useState } from 'react';
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
const LOOK_MS = 1000;
/** A phone says the radius that holds 68 %; the desk takes the sigma per axis. */
const R68 = 1.515;

function placeOf({ coords }: GeolocationPosition): OwnPlace {
  const { longitude: lon, latitude: lat, accuracy, heading, speed } = coords;
  return { lon, lat, accuracy, heading: heading !== null && (speed ?? 0) > 1 ? heading : null };
}

export function useOwnPlace(unit: string | null, clock: Store<DeskClock>): OwnPlace | null {
  const [place, setPlace] = useState<OwnPlace | null>(null);
  useEffect(() => {
    if (!('geolocation' in navigator)) return;
    // A phone at rest may say where it is once and never again: what was not told yet is told when it can be.
    let untold: GeolocationPosition | null = null;
    let next = 0;
    const watch = navigator.geolocation.watchPosition(
      (position) => {
        setPlace(placeOf(position));
        untold = position;
      },
      () => setPlace(null),
      { enableHighAccuracy: true, maximumAge: 2000 },
    );
    const timer = window.setInterval(() => {
      // Before the desk has said what time it is, a position has no time the desk would understand.
      if (unit === null || untold === null || clock.get().heard === null || Date.now() < next) return;
      const telling = untold;
      untold = null;
      next = Date.now() + EVERY_MS;
      tell(unit, telling, clock.get()).catch(() => {
        untold ??= telling;
      });
    }, LOOK_MS);
    return () => {
      navigator.geolocation.clearWatch(watch);
      window.clearInterval(timer);
    };
  }, [unit, clock]);
  return place;
}

function tell(unit: string, position: GeolocationPosition, clock: DeskClock): Promise<unknown> {
  const { lon, lat, accuracy } = placeOf(position);
  const at = deskNow(clock, Math.min(localNow(), position.timestamp / 1000));
  return desk.position(unit, { lon, lat, sigma_m: Math.max(1, accuracy / R68), at: new Date(at * 1000).toISOString() });
}
