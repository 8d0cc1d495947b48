/** One part of the roster with its title, and what it says while it has nothing. It must never show a failure as an empty list. */
import type { ReactNode } from 'react';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import type { Doing } from '../../ui/useDoing';

interface Props<T> {
  readonly id: string;
  readonly title: string;
  readonly reading: Reading<T>;
  readonly doing?: Doing;
  readonly children: (value: T) => ReactNode;
}

export function Part<T>({ id, title, reading, doing, children }: Props<T>) {
  const { t } = useText();
  return (
    <section className="r-part" aria-labelledby={`r-${id}`} data-testid={id}>
      <h2 id={`r-${id}`}>{title}</h2>
      {reading.state === 'loading' ? <p className="j-empty" role="status">{t.access.loading}</p> : null}
      {reading.state === 'failed' || reading.state === 'absent' ? <p className="j-error" role="alert">{t.access.failed}</p> : null}
      {reading.state === 'forbidden' ? <p className="j-error" role="alert">{t.roster.refusals.forbidden}</p> : null}
      {reading.state === 'ready' ? children(reading.value) : null}
      {doing?.said ? <p className={doing.refused ? 'j-error' : 'r-said'} role={doing.refused ? 'alert' : 'status'}>{doing.said}</p> : null}
    </section>
  );
}
