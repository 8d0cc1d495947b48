/** Who is to be called back, until when, and what she said. It must never look otherwise after a wrong word than after the right one. */
import { Button, PasswordInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { desk, type Withdrawal, type Withdrawals } from '../../protocol/http';
import { clockface, type DeskClock, deskNow } from '../../state/time';
import { clock as face, date } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { useText } from '../../ui/text';
import { type Doing, useDoing } from '../../ui/useDoing';
import type { Reading } from '../../ui/useReading';
import { Part } from './Part';

interface Props {
  readonly reading: Reading<Withdrawals>;
  readonly clock: DeskClock;
  readonly labels: ReadonlyMap<string, string>;
  /** Whether this is the room that calls. */
  readonly calling: boolean;
  readonly onDone: () => void;
}

export function Calls({ reading, clock, labels, calling, onDone }: Props) {
  const { t } = useText();
  const doing = useDoing(t, onDone, t.asked.refused);
  return (
    <Part id="calls" title={t.asked.calls.title} reading={reading} doing={doing}>
      {({ withdrawals }) => withdrawals.length === 0 ? <p className="j-empty"><strong>{t.asked.calls.none}</strong></p> : (
        <ul className="k-list">
          {withdrawals.map((one) => <Call key={one.id} one={one} clock={clock} label={labels.get(one.person) ?? `…${one.person.slice(-8)}`} doing={calling ? doing : null} />)}
        </ul>
      )}
    </Part>
  );
}

function Call({ one, clock, label, doing }: { readonly one: Withdrawal; readonly clock: DeskClock; readonly label: string; readonly doing: Doing | null }) {
  const { t } = useText();
  const { calls: said } = t.asked;
  const now = deskNow(clock, useLocalSecond());
  const left = one.call_by - now;
  const waits = one.answered_at === null;
  const answer = (word: string | null) => doing?.run(() => desk.called(one.id, word).then(() => said.recorded));

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    answer(String(new FormData(event.currentTarget).get('word')));
  }

  return (
    <li className="k-card" data-late={waits && left < 0} data-call={one.id} data-answered={!waits}>
      <p className="k-line">
        <strong data-weight="written">{label}</strong>
        <span className="k-due j-num" data-late={waits && left < 0}>
          {waits ? (left < 0 ? said.late(clockface(-left)) : said.before(clockface(left))) : one.at_once ? said.atOnce : said.answered}
        </span>
      </p>
      <p className="j-num j-dim">
        {said.asked} {date(one.asked_at)} {face(one.asked_at)} · {one.answered_at === null ? `${said.by} ${face(one.call_by)}` : `${date(one.answered_at)} ${face(one.answered_at)}`}
      </p>
      {waits && doing ? (
        <form className="k-form" onSubmit={submit}>
          <p>{said.script}</p>
          <PasswordInput name="word" label={said.said} required maxLength={100} autoComplete="off" visibilityToggleButtonProps={{ style: { display: 'none' } }} />
          <div className="k-actions">
            <Button type="submit" className="j-main" loading={doing.busy}>{said.record}</Button>
            <Button variant="default" disabled={doing.busy} onClick={() => answer(null)}>{said.stays}</Button>
          </div>
        </form>
      ) : null}
    </li>
  );
}
