/** The chosen incident with its alerts and taskings, read anew when the record changes. It must never go on showing what the
 * desk refuses, nor what was withheld while it is read anew. */
import { useEffect, useState } from 'react';
import { desk, Refusal, type Whole } from '../../protocol/http';

export type Reading = { readonly state: 'loading' | 'failed' } | { readonly state: 'ready'; readonly whole: Whole };

const AGAIN_MS = 2000;

/** `forgotten` grows when one of its people is withheld. */
export function useWhole(incident: string | null, stale: number, forgotten: number): Reading {
  const [reading, setReading] = useState<Reading>({ state: 'loading' });
  const [tries, setTries] = useState(0);
  useEffect(() => setReading({ state: 'loading' }), [forgotten]);
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
      (error: unknown) => {
        if (over) return;
        const refused = error instanceof Refusal && error.status >= 400 && error.status < 500;
        setReading((now) => (!refused && now.state === 'ready' && now.whole.id === incident ? now : { state: 'failed' }));
        again = window.setTimeout(() => setTries((n) => n + 1), AGAIN_MS);
      },
    );
    return () => {
      over = true;
      if (again !== null) window.clearTimeout(again);
    };
  }, [incident, stale, forgotten, tries]);
  return reading.state === 'ready' && reading.whole.id !== incident ? { state: 'loading' } : reading;
}
