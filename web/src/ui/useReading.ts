/** One reading of the desk: loading, failed, forbidden, not there, or ready. It must never show an old answer as a new one's. */
import { useEffect, useState } from 'react';
import { Refusal } from '../protocol/http';

export type Reading<T> =
  | { readonly state: 'loading' | 'failed' | 'forbidden' | 'absent' | 'signed-out' }
  | { readonly state: 'ready'; readonly value: T };

/** Reads when `times` or `read` changes; what was read stays while the same is read anew. */
export function useReading<T>(read: () => Promise<T>, times: number): Reading<T> {
  const [reading, setReading] = useState<Reading<T>>({ state: 'loading' });
  useEffect(() => setReading({ state: 'loading' }), [read]);
  useEffect(() => {
    let over = false;
    read().then(
      (value) => (over ? undefined : setReading({ state: 'ready', value })),
      (error: unknown) => (over ? undefined : setReading({ state: refusal(error) })),
    );
    return () => {
      over = true;
    };
  }, [read, times]);
  return reading;
}

export function refusal(error: unknown): 'failed' | 'forbidden' | 'absent' | 'signed-out' {
  if (!(error instanceof Refusal)) return 'failed';
  if (error.status === 401) return 'signed-out';
  return error.status === 403 ? 'forbidden' : error.status === 404 ? 'absent' : 'failed';
}
