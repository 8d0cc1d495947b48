/** One incident in the queue: time to contact as the largest figure, then who, how far, how old, whose, and by when. */
import { memo, type RefObject, useEffect, useRef, useState } from 'react';
import type { Row as QueueEntry } from '../../state/queue';
import type { Limits } from '../../state/room';
import { clockface, deskNow, type DeskClock } from '../../state/time';
import { account, label, metres } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { Shape } from '../../ui/Shape';
import { type Text, useText } from '../../ui/text';
import { toneOf } from '../../ui/tokens';
import { Aged } from './Aged';
import { left, type Mutes } from './mutes';
import { Ring } from './Ring';

/** What every row needs besides itself. */
export interface RowContext {
  readonly clock: DeskClock;
  readonly agency: string;
  readonly mutes: Mutes;
}

interface Props {
  readonly row: QueueEntry;
  readonly chosen: boolean;
  readonly limits: Limits;
  readonly context: RowContext;
  readonly onChoose: (incident: string) => void;
}

/** Drawn anew when something of its own has changed: the queue is made anew five times a second. */
export const QueueRow = memo(Row, (before, after) =>
  before.row.sight === after.row.sight && before.row.pair === after.row.pair && before.row.owned === after.row.owned
  && before.chosen === after.chosen && before.limits === after.limits && before.onChoose === after.onChoose
  && before.context.clock.offset === after.context.clock.offset && before.context.mutes === after.context.mutes);

function Row({ row, chosen, limits, context, onChoose }: Props) {
  const { t } = useText();
  const { sight, pair } = row;
  const item = useRef<HTMLLIElement>(null);
  const away = useAway(item);
  useEffect(() => {
    if (chosen) item.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <li ref={item}>
      <button
        type="button" className="c-row" aria-current={chosen} data-owned={row.owned}
        data-tone={sight.cleared_at === null ? toneOf(sight.priority) : 'none'} data-incident={sight.id}
        onClick={() => onChoose(sight.id)} style={away === null ? undefined : { minHeight: away }}
      >
        <span className="c-row-time" data-walking={row.contact?.walking ?? false}>
          {away === null ? <Contact row={row} /> : null}
        </span>
        <span className="c-row-what">
          <span className="c-row-head">
            <span className="c-code" data-tone={toneOf(sight.priority)}>{sight.code ?? '—'}</span>
            {sight.dispatch_code === null ? null : <span>{t.incident.code112(sight.dispatch_code)}</span>}
            {away === null ? <Trend t={t} trend={pair?.trend ?? null} distance={pair?.distance_m ?? null} /> : null}
          </span>
          <span className="c-row-who">
            <span><Shape name="offender" size={14} /> {label(t, sight.offender_label) ?? '—'}</span> <span aria-hidden="true">→</span>{' '}
            <span><Shape name="victim" size={14} /> {label(t, sight.victim_label) ?? t.queue.place}</span>
          </span>
          {away === null ? <Moving row={row} limits={limits} context={context} /> : null}
        </span>
      </button>
    </li>
  );
}

/** The height a row had when it was scrolled out of sight; null while it can be seen. A flood must not draw what nobody sees. */
function useAway(item: RefObject<HTMLLIElement | null>): number | null {
  const [away, setAway] = useState<number | null>(null);
  useEffect(() => {
    if (!item.current) return;
    const observer = new IntersectionObserver((entries) => {
      // A busy page is told several at once, the newest last: a row must not stay away that has come into sight since.
      const entry = entries.at(-1);
      if (entry) setAway(entry.isIntersecting ? null : entry.boundingClientRect.height);
    }, { rootMargin: '200px' });
    observer.observe(item.current);
    return () => observer.disconnect();
  }, [item]);
  return away;
}

/** What changes with every second. */
function Moving({ row, limits, context }: { readonly row: QueueEntry; readonly limits: Limits; readonly context: RowContext }) {
  return (
    <>
      <span className="c-row-age j-dim">
        <Shape name="offender" size={12} /> <Aged pair={row.pair} side="offender_age_s" clock={context.clock} />{' '}
        <Shape name="victim" size={12} /> <Aged pair={row.pair} side="victim_age_s" clock={context.clock} />
      </span>
      <Owner row={row} limits={limits} context={context} />
    </>
  );
}

function Contact({ row }: { readonly row: QueueEntry }) {
  const { t } = useText();
  if (row.contact === null) return <span className="j-dim">{t.queue.noTime}</span>;
  return (
    <>
      <strong className="j-num">{clockface(row.contact.seconds)}</strong>
      <small>{row.contact.walking ? t.queue.ifWalks : t.queue.contactIn}</small>
    </>
  );
}

const ARROWS = { closing: '▼', steady: '■', opening: '▲' } as const;

function Trend({ t, trend, distance }: { readonly t: Text; readonly trend: keyof typeof ARROWS | null; readonly distance: number | null }) {
  if (distance === null) return null;
  return (
    <span className="c-trend j-num" data-trend={trend}>
      {metres(t, distance)} {trend ? <><span aria-hidden="true">{ARROWS[trend]}</span> {t.queue[trend]}</> : null}
    </span>
  );
}

function Owner({ row, limits, context }: { readonly row: QueueEntry; readonly limits: Limits; readonly context: RowContext }) {
  const { t } = useText();
  const now = deskNow(context.clock, useLocalSecond());
  const own = row.sight.owners.find((one) => one.agency === context.agency);
  const quiet = left(context.mutes, row.sight.id, now);
  if (own?.leaving) return <span className="c-row-owner" data-late="true">{t.roster.leaving(own.name ? account(t, own.name) : t.queue.ownedHere)}</span>;
  if (own) return <span className="c-row-owner">{own.name ? t.queue.ownedBy(account(t, own.name)) : t.queue.ownedHere}</span>;
  const due = row.sight.opened_at + limits.own_s - now;
  return (
    <span className="c-row-owner" data-late={due < 0}>
      <Ring share={due / limits.own_s} />
      <span>
        {t.queue.unowned} · {due >= 0 ? t.queue.dueIn(clockface(due)) : t.queue.overdue(clockface(-due))}
        {quiet === null ? null : ` · ${t.queue.muted(clockface(quiet))}`}
      </span>
    </span>
  );
}
