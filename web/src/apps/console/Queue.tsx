/** The queue: unowned first, then by time to contact. It must never drop an incident, only order them. */
import { TextInput } from '@mantine/core';
import { memo, type RefObject } from 'react';
import type { Row } from '../../state/queue';
import type { Limits } from '../../state/room';
import type { Reading } from '../../state/roomLink';
import { useText } from '../../ui/text';
import { QueueRow, type RowContext } from './QueueRow';

interface Props {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly chosen: string | null;
  readonly reading: Reading;
  readonly search: string;
  /** Whether devices speak: without that an empty queue means nothing. */
  readonly speaking: boolean;
  readonly searchBox: RefObject<HTMLInputElement | null>;
  readonly limits: Limits;
  readonly context: RowContext;
  readonly onSearch: (words: string) => void;
  readonly onChoose: (incident: string) => void;
}

export function Queue({ rows, total, chosen, reading, search, speaking, searchBox, limits, context, onSearch, onChoose }: Props) {
  const { t } = useText();
  return (
    <section className="c-queue" aria-label={t.queue.title}>
      <div className="c-queue-head">
        <h2>{t.queue.title}</h2>
        <span className="j-dim">{t.queue.open(total)}</span>
      </div>
      <Find search={search} searchBox={searchBox} onSearch={onSearch} />
      {reading === 'failed' ? <p className="j-error" role="alert">{t.queue.failed}</p> : null}
      {rows.length === 0 ? <Nothing reading={reading} total={total} speaking={speaking} /> : null}
      <ul className="c-rows">
        {rows.map((row) => (
          <QueueRow key={row.sight.id} row={row} chosen={row.sight.id === chosen} limits={limits} context={context} onChoose={onChoose} />
        ))}
      </ul>
    </section>
  );
}

const Find = memo(({ search, searchBox, onSearch }: Pick<Props, 'search' | 'searchBox' | 'onSearch'>) => {
  const { t } = useText();
  return (
    <TextInput
      ref={searchBox} className="c-find" size="sm" value={search} placeholder={t.queue.find} aria-label={t.queue.find}
      onChange={(event) => onSearch(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        onSearch('');
        event.currentTarget.blur();
      }}
    />
  );
});

function Nothing({ reading, total, speaking }: { readonly reading: Reading; readonly total: number; readonly speaking: boolean }) {
  const { t } = useText();
  if (reading === 'failed') return null;
  if (reading === 'loading') return <p className="j-empty" role="status">{t.queue.loading}</p>;
  if (total > 0) return <p className="j-empty">{t.queue.nothingFound}</p>;
  return (
    <p className="j-empty" role="status">
      <strong>{t.queue.empty}</strong>
      {speaking ? t.queue.emptyMore : t.queue.emptySilent}
    </p>
  );
}
