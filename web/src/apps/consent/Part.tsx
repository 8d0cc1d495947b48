/** One part of the page with its title, and what it says while it has nothing. It must never show a failure as an empty list. */
import type { ReactNode } from 'react';
import { useText } from '../../ui/text';
import type { Doing } from '../../ui/useDoing';
import type { Reading } from '../../ui/useReading';

interface Props<T> {
  readonly id: string;
  readonly title: string;
  readonly reading: Reading<T>;
  readonly doing?: Doing;
  readonly children: (value: T) => ReactNode;
}

/** What needs no reading is there at once. */
export const READY: Reading<null> = { state: 'ready', value: null };

export function Part<T>({ id, title, reading, doing, children }: Props<T>) {
  const { t } = useText();
  const failed = reading.state === 'failed' || reading.state === 'absent' || reading.state === 'forbidden';
  return (
    <section className="k-part" aria-labelledby={`k-${id}`} data-testid={id}>
      <h2 id={`k-${id}`}>{title}</h2>
      {reading.state === 'loading' ? <p className="j-empty" role="status">{t.asked.loading}</p> : null}
      {failed ? <p className="j-error" role="alert">{t.asked.failed}</p> : null}
      {reading.state === 'ready' ? children(reading.value) : null}
      {doing?.said ? <p className={doing.refused ? 'j-error' : 'k-said'} role={doing.refused ? 'alert' : 'status'}>{doing.said}</p> : null}
    </section>
  );
}
