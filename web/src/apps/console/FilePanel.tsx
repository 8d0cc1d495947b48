/** Why somebody's data may be seen: the policy, its article, the grants; and the file of whom a glass was broken for. It must
 * never stay open on what is no longer: each opening asks anew, and so does each word that something of it is withheld, and each cut
 * of the line. */
import { Button, Modal } from '@mantine/core';
import { memo, useCallback, useEffect } from 'react';
import { desk, type File } from '../../protocol/http';
import { deskNow, type DeskClock } from '../../state/time';
import { fileTurnOf, type Forgotten } from '../../state/withheld';
import { called, classes, moment, short, until } from '../../ui/access';
import { date, label, metres } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import { type Reading, useReading } from '../../ui/useReading';

/** A party of an incident, or whom a glass was broken for. */
export interface Asked {
  readonly id: string;
  readonly side: 'offender' | 'victim' | null;
  /** As masked as the incident has it; of an opened file its own is shown. */
  readonly label: string | null;
  /** How often they had been withheld when this was opened. */
  readonly turn: number;
}

interface Props {
  readonly people: readonly Asked[];
  readonly clock: DeskClock;
  readonly forgotten: Forgotten;
  /** Somebody's file turned out not to be open. */
  readonly onGone: (id: string) => void;
  readonly onClose: () => void;
}

export const FilePanel = memo(({ people, clock, forgotten, onGone, onClose }: Props) => {
  const { t } = useText();
  return (
    <Modal
      opened={people.length > 0} onClose={onClose} title={people.some((one) => one.side === null) ? t.access.file.opened : t.access.file.title}
      size="lg" lockScroll={false} transitionProps={{ duration: 0 }} closeButtonProps={{ 'aria-label': t.commands.close_list }}
    >
      <div data-testid="file">
        <p className="j-dim">{t.access.file.recorded}</p>
        {people.map((one) => {
          const turn = fileTurnOf(forgotten, [one.id]) - one.turn;
          return <Person key={`${one.id}:${turn}`} one={turn === 0 ? one : { ...one, label: null }} clock={clock} onGone={onGone} />;
        })}
        <div className="c-actions"><Button variant="default" data-autofocus onClick={onClose}>{t.commands.close_list}</Button></div>
      </div>
    </Modal>
  );
});

function Person({ one, clock, onGone }: { readonly one: Asked; readonly clock: DeskClock; readonly onGone: (id: string) => void }) {
  const { t } = useText();
  const reading = useReading(useCallback(() => desk.person(one.id), [one.id]), 0);
  const gone = reading.state === 'absent';
  useEffect(() => {
    if (gone) onGone(one.id);
  }, [gone, one.id, onGone]);
  return (
    <section className="c-box" data-person={one.id} data-state={reading.state}>
      <h3>
        {one.side === null ? null : <><Shape name={one.side} size={14} /> {t.sides[one.side]} </>}
        {one.side === null && reading.state === 'ready' ? label(t, reading.value.person.label) : label(t, one.label) ?? <span lang="und">…{short(one.id)}</span>}
      </h3>
      <Said reading={reading} />
      {reading.state === 'ready' ? <Why file={reading.value} clock={clock} /> : null}
      {reading.state === 'ready' && one.side === null ? <Orders file={reading.value} /> : null}
    </section>
  );
}

function Said({ reading }: { readonly reading: Reading<File> }) {
  const { t } = useText();
  if (reading.state === 'ready') return null;
  if (reading.state === 'loading') return <p role="status">{t.access.loading}</p>;
  const said = reading.state === 'absent' ? t.access.file.gone : reading.state === 'forbidden' ? t.access.glass.forbidden : t.access.failed;
  return <p className="j-error" role="alert">{said}</p>;
}

function Why({ file, clock }: { readonly file: File; readonly clock: DeskClock }) {
  const { t, language } = useText();
  const now = deskNow(clock, useLocalSecond());
  return (
    <>
      <p><span className="j-dim">{t.access.file.policy}:</span> {language === 'ko' ? file.policy.ko : file.policy.en} <span lang="ko" className="j-dim">{file.policy.article}</span></p>
      {file.grants.length === 0 ? <p>{t.access.file.ownFile}</p> : (
        <ul className="c-why-grants" aria-label={t.access.file.grants}>
          {file.grants.map((one) => (
            <li key={one.id} data-kind={one.kind}>
              <strong>{called(t.access.kinds, one.kind)}</strong> · {classes(t, one.data)} · {called(t.access.purposes, one.purpose)} · <span lang="ko">{one.article}</span>
              {' · '}<span className="j-num">{t.access.until}: {until(t, one.kind, one.ends_at === null ? null : moment(one.ends_at), now)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Orders({ file }: { readonly file: File }) {
  const { t } = useText();
  if (file.orders.length === 0) return <p>{t.access.file.noOrders}</p>;
  return (
    <ul className="c-why-grants" aria-label={t.access.file.orders}>
      {file.orders.map((one) => (
        <li key={one.id}>
          <span lang="ko">{one.article}</span> · {t.incident.radius(metres(t, one.radius_m))} · {date(moment(one.starts_at))}
          {one.ended_at === null ? null : ` · ${t.access.file.orderOver} ${date(moment(one.ended_at))}`}
          {one.offender !== null && one.victim !== null ? null : <span className="j-dim"> · {t.access.file.otherParty}</span>}
        </li>
      ))}
    </ul>
  );
}
