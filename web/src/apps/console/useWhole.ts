/** The chosen incident with its alerts and taskings, read anew when the record changes. */
import { useEffect, useState } from 'react';
import { desk, type Whole } from '../../protocol/http';

export type Reading = { readonly state: 'loading' | 'failed' } | { readonly state: 'ready'; readonly whole: Whole };

const AGAIN_MS = 2000;

export function useWhole(incident: string | null, stale: number): Reading {
  const [reading, setReading] = useState<Reading>({ state: 'loading' });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (incident === null) return;
    let over = false;
    let again: number | null = null;
    desk.incident(incident).then(
      (whole) => {
        if (over) return;
        setReading({ state: 'ready', whole });
        // Whether an order has arrived is no message of its own: looked for while one is on its way.
        if (whole.taskings.some((one) => one.ended_at === null && one.delivered_at === null)) {
          again = window.setTimeout(() => setTries((n) => n + 1), AGAIN_MS);
        }
      },
      () => {
        if (over) return;
        setReading((now) => (now.state === 'ready' && now.whole.id === incident ? now : { state: 'failed' }));
        again = window.setTimeout(() => setTries((n) => n + 1), AGAIN_MS);
      },
    );
    return () => {
      over = true;
      if (again !== null) window.clearTimeout(again);
    };
  }, [incident, stale, tries]);
  return reading.state === 'ready' && reading.whole.id !== incident ? { state: 'loading' } : reading;
}
