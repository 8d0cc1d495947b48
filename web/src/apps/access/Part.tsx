/** One part of the page with its title, and what it says while it has nothing. It must never show a failure as an empty list. */
import type { ReactNode } from 'react';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';

interface Props<T> {
  readonly id: string;
  readonly title: string;
  readonly reading: Reading<T>;
  /** What is there whatever was read. */
  readonly head?: ReactNode;
  readonly children: (value: T) => ReactNode;
}

export function Part<T>({ id, title, reading, head, children }: Props<T>) {
  const { t } = useText();
  return (
    <section className="a-part" aria-labelledby={`a-${id}`} data-testid={id}>
      <h2 id={`a-${id}`}>{title}</h2>
      {head}
      {reading.state === 'loading' ? <p className="j-empty" role="status">{t.access.loading}</p> : null}
      {reading.state === 'failed' || reading.state === 'absent' ? <p className="j-error" role="alert">{t.access.failed}</p> : null}
      {reading.state === 'forbidden' ? <p className="j-error" role="alert">{t.access.forbidden}</p> : null}
      {reading.state === 'ready' ? children(reading.value) : null}
    </section>
  );
}
