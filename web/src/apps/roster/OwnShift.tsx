/** One's own shift: begin it, hand over what is open, end it. It must never offer to go while something is open. */
import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { desk, type Duty, type Handovers, type Me } from '../../protocol/http';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import { Items } from './Items';
import { Part } from './Part';
import { named } from './sorting';
import { said } from '../../ui/times';
import { useDoing } from '../../ui/useDoing';

interface Props {
  readonly me: Me;
  readonly duty: Reading<Duty>;
  readonly handovers: Reading<Handovers>;
  readonly earlyS: number;
  readonly now: number;
  readonly onDone: () => void;
}

type Shift = NonNullable<Duty['shift']>;

export function OwnShift({ me, duty, handovers, earlyS, now, onDone }: Props) {
  const { t } = useText();
  const doing = useDoing(t, onDone);
  // What is being written outlives a reading of what is open.
  const [note, setNote] = useState('');
  const { own } = t.roster;
  return (
    <Part id="own" title={own.title} reading={duty} doing={doing}>
      {({ shift, state }) => {
        if (shift === null) return <p className="j-empty"><strong>{own.none}</strong>{own.noneMore}</p>;
        const begins = shift.starts_at - earlyS;
        return (
          <>
            <p className="r-line">
              <strong>{own.planned(said(shift.starts_at, now), said(shift.ends_at, now))}</strong>
              {shift.begun_at === null ? null : <span className="j-num">{own.begun(said(shift.begun_at, now))}</span>}
            </p>
            {state === 'on' && handovers.state === 'ready' ? (
              <Going me={me} shift={shift} handovers={handovers.value} note={note} onNote={setNote} busy={doing.busy} run={doing.run} />
            ) : null}
            {state === 'on' ? null : (
              <div className="r-actions">
                <Button className={now < begins ? '' : 'j-main'} disabled={now < begins} loading={doing.busy} onClick={() => doing.run(() => desk.beginShift(shift.id).then(() => null))}>{own.begin}</Button>
                {now < begins ? <span>{own.early(said(begins, now))}</span> : null}
              </div>
            )}
          </>
        );
      }}
    </Part>
  );
}

interface GoingProps {
  readonly me: Me;
  readonly shift: Shift;
  readonly handovers: Handovers;
  readonly note: string;
  readonly onNote: (note: string) => void;
  readonly busy: boolean;
  readonly run: (act: () => Promise<string | null>) => void;
}

function Going({ me, shift, handovers, note, onNote, busy, run }: GoingProps) {
  const { t } = useText();
  const { own: open } = handovers;
  const { own } = t.roster;
  const given = handovers.waiting.find((one) => one.account === me.account);
  if (open.length === 0) {
    return (
      <>
        <p>{own.free}</p>
        <div className="r-actions"><Button variant="default" loading={busy} onClick={() => run(() => desk.endShift(shift.id).then(() => null))}>{own.end}</Button></div>
      </>
    );
  }
  const { incidents, taskings } = named(open);
  return (
    <>
      <p>{given ? <strong role="status">{own.given}</strong> : own.openIn(open.length)}</p>
      <Items open={open} />
      {given ? (
        <div className="r-actions"><Button variant="default" loading={busy} onClick={() => run(() => desk.stay(given.id).then(() => null))}>{own.stay}</Button></div>
      ) : (
        <>
          <Textarea name="note" mt="xs" label={own.note} maxLength={500} autosize minRows={2} value={note} onChange={(event) => onNote(event.currentTarget.value)} />
          <div className="r-actions">
            <Button className="j-main" loading={busy} onClick={() => run(() => desk.handOver(shift.id, incidents, taskings, note).then(() => null))}>{own.give(open.length)}</Button>
          </div>
        </>
      )}
    </>
  );
}
