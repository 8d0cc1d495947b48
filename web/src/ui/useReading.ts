/** One reading of the desk: loading, failed, forbidden, not there, or ready. It must never show an old answer as a new one's, nor
 * wait with it for what may be known no longer. */
import { useEffect, useRef, useState } from 'react';
import { Refusal } from '../protocol/http';

export type Reading<T> =
  | { readonly state: 'loading' | 'failed' | 'forbidden' | 'absent' | 'signed-out' }
  | { readonly state: 'ready'; readonly value: T };

/** So long an answer from before stays while it is read anew because something has ended. */
const MOMENT_MS = 250;

/** Reads when `times` or `read` changes; what was read stays while the same is read anew. `ends` grows when something of it may
 * be known no longer: then it stays for a moment at most, so that nobody loses what they are typing to an end elsewhere. */
export function useReading<T>(read: () => Promise<T>, times: number, ends = 0): Reading<T> {
  const [reading, setReading] = useState<Reading<T>>({ state: 'loading' });
  const answered = useRef(ends);
  useEffect(() => setReading({ state: 'loading' }), [read]);
  useEffect(() => {
    const late = window.setTimeout(() => {
      if (answered.current !== ends) setReading({ state: 'loading' });
    }, MOMENT_MS);
    return () => window.clearTimeout(late);
  }, [ends]);
  useEffect(() => {
    let over = false;
    const said = (next: Reading<T>) => {
      if (over) return;
      answered.current = ends;
      setReading(next);
    };
    read().then((value) => said({ state: 'ready', value }), (error: unknown) => said({ state: refusal(error) }));
    return () => {
      over = true;
    };
  }, [read, times, ends]);
  return reading;
}

export function refusal(error: unknown): 'failed' | 'forbidden' | 'absent' | 'signed-out' {
  if (!(error instanceof Refusal)) return 'failed';
  if (error.status === 401) return 'signed-out';
  return error.status === 403 ? 'forbidden' : error.status === 404 ? 'absent' : 'failed';
}
