/** Where this phone is, told to the desk every few seconds, and whether it can tell. It must never be kept: only the newest is
 * held. */
import { useEffect, useState } from 'react';
import { desk } from '../../protocol/http';
import { R68 } from '../../state/geo';
import type { Store } from '../../state/store';
import { deskNow, type DeskClock, localNow } from '../../state/time';

export interface OwnPlace {
  readonly lon: number;
  readonly lat: number;
  /** Per axis. */
  readonly sigma_m: number;
  /** Degrees from north while moving; null at rest. */
  readonly heading: number | null;
}

/** `insecure`: browsers give a position to pages over https alone. */
export type OwnState = 'asking' | 'on' | 'denied' | 'lost' | 'insecure';

export interface Own {
  readonly place: OwnPlace | null;
  readonly state: OwnState;
  /** Desk time at which the desk last took it; null: not yet. */
  readonly told: number | null;
}

const EVERY_MS = 5000;
const LOOK_MS = 1000;

function placeOf({ coords }: GeolocationPosition): OwnPlace {
  const { longitude: lon, latitude: lat, accuracy, heading, speed } = coords;
  // A phone says the radius that holds 68 %; screens and the desk take the sigma per axis.
  return { lon, lat, sigma_m: Math.max(1, accuracy / R68), heading: heading !== null && (speed ?? 0) > 1 ? heading : null };
}

export function useOwnPlace(unit: string | null, clock: Store<DeskClock>): Own {
  const [place, setPlace] = useState<OwnPlace | null>(null);
  const [state, setState] = useState<OwnState>('asking');
  const [told, setTold] = useState<number | null>(null);
  useEffect(() => {
    if (!window.isSecureContext || !('geolocation' in navigator)) {
      setState('insecure');
      return;
    }
    // A phone at rest may say where it is once and never again: what was not told yet is told when it can be.
    let untold: GeolocationPosition | null = null;
    let next = 0;
    const watch = navigator.geolocation.watchPosition(
      (position) => {
        setPlace(placeOf(position));
        setState('on');
        untold = position;
      },
      ({ code }) => {
        setPlace(null);
        setState(code === GeolocationPositionError.PERMISSION_DENIED ? 'denied' : 'lost');
      },
      { enableHighAccuracy: true, maximumAge: 2000 },
    );
    const timer = window.setInterval(() => {
      // Before the desk has said what time it is, a position has no time the desk would understand.
      if (unit === null || untold === null || clock.get().heard === null || Date.now() < next) return;
      const telling = untold;
      untold = null;
      next = Date.now() + EVERY_MS;
      tell(unit, telling, clock.get()).then(() => setTold(deskNow(clock.get(), localNow())), () => {
        untold ??= telling;
      });
    }, LOOK_MS);
    return () => {
      navigator.geolocation.clearWatch(watch);
      window.clearInterval(timer);
    };
  }, [unit, clock]);
  return { place, state, told };
}

function tell(unit: string, position: GeolocationPosition, clock: DeskClock): Promise<unknown> {
  const { lon, lat, sigma_m } = placeOf(position);
  const at = deskNow(clock, Math.min(localNow(), position.timestamp / 1000));
  return desk.position(unit, { lon, lat, sigma_m, at: new Date(at * 1000).toISOString() });
}
