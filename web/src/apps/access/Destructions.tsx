/** Destructions, each as a row of steps with the date that matters. It must never carry one out with one click. */
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { desk, type Destruction, type Destructions as Read, type Me } from '../../protocol/http';
import { deskNow, type DeskClock } from '../../state/time';
import { classes } from '../../ui/access';
import type { Question } from '../../ui/Ask';
import { date } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { Resting } from '../../ui/Resting';
import { ready } from '../../ui/steps';
import { Steps } from '../../ui/Steps';
import { useText } from '../../ui/text';
import { typed } from '../../ui/times';
import { useDoing } from '../../ui/useDoing';
import type { Reading } from '../../ui/useReading';
import { Id } from './Id';
import { Part } from './Part';

interface Props {
  readonly reading: Reading<Read>;
  readonly clock: DeskClock;
  readonly me: Me;
  readonly onAsk: (question: Question) => void;
  readonly onDone: () => void;
}

export function Destructions({ reading, clock, me, onAsk, onDone }: Props) {
  const { t, language } = useText();
  const { destructions: said } = t.asked;
  return (
    <Part id="destructions" title={said.title} reading={reading}>
      {(all) => all.destructions.length === 0 ? <p className="j-empty"><strong>{said.none}</strong></p> : (
        <ul className="a-list">
          {all.destructions.map((one) => (
            <One
              key={one.id} one={one} clock={clock} me={me} onAsk={onAsk} onDone={onDone}
              event={all.events.find((each) => each.code === one.event)?.[language] ?? one.event}
            />
          ))}
        </ul>
      )}
    </Part>
  );
}

function One({ one, event, clock, me, onAsk, onDone }: { readonly one: Destruction; readonly event: string } & Omit<Props, 'reading'>) {
  const { t } = useText();
  const { destructions: said } = t.asked;
  const now = deskNow(clock, useLocalSecond());
  const doing = useDoing(t, onDone, t.asked.refused);
  return (
    <li className="a-card" data-destruction={one.id}>
      <p className="a-line"><strong>{event}</strong> <Id id={one.person} /></p>
      <p>{classes(t, one.data)} · <span lang="ko">{one.article}</span>{one.keys === null ? null : <> · {said.keys(one.keys)}</>}</p>
      <Steps one={one} now={now} />
      <Resting one={one} me={me} doing={doing} actions="a-actions" named={(id) => <Id id={id} />} />
      {doing.said ? <p className={doing.refused ? 'j-error' : 'a-said'} role={doing.refused ? 'alert' : 'status'}>{doing.said}</p> : null}
      {one.decided_at === null && one.agency === me.agency ? <Deciding one={one} now={now} me={me} onAsk={onAsk} onDone={onDone} /> : null}
    </li>
  );
}

function Deciding({ one, now, me, onAsk, onDone }: { readonly one: Destruction; readonly now: number } & Pick<Props, 'me' | 'onAsk' | 'onDone'>) {
  const { t } = useText();
  const { destructions: said } = t.asked;
  const doing = useDoing(t, onDone, t.asked.refused);
  const [holding, setHolding] = useState(false);
  const held = one.held_until !== null && one.held_until > now;

  function hold(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const until = typed(String(form.get('until')));
    if (until !== null) doing.run(() => desk.holdDestruction(one.id, String(form.get('article')), until).then(() => (setHolding(false), said.done)));
  }

  if (one.asked_by === me.account) return <p>{said.own}</p>;
  return (
    <>
      <div className="a-actions">
        {ready(one, now) ? (
          <Button variant="default" onClick={() => onAsk({ title: said.carryOutTitle, means: said.carryOutMeans, go: said.carryOutGo, run: () => desk.decideDestruction(one.id, true) })}>{said.carryOut}</Button>
        ) : null}
        <Button variant="default" onClick={() => onAsk({ title: said.dropTitle, means: said.dropMeans, go: said.dropGo, run: () => desk.decideDestruction(one.id, false) })}>{said.drop}</Button>
        {held ? <Button variant="default" onClick={() => doing.run(() => desk.holdDestruction(one.id, null, null).then(() => said.done))}>{said.release}</Button>
          : <Button variant="default" aria-expanded={holding} onClick={() => setHolding(!holding)}>{said.hold}</Button>}
      </div>
      {holding && !held ? (
        <form className="a-form" onSubmit={hold}>
          <TextInput name="article" label={said.article} required minLength={5} maxLength={120} autoComplete="off" />
          <TextInput name="until" type="date" label={said.until} required min={date(now + 86_400)} />
          <Button type="submit" variant="default" loading={doing.busy}>{said.holdGo}</Button>
        </form>
      ) : null}
      {doing.said ? <p className={doing.refused ? 'j-error' : 'a-said'} role={doing.refused ? 'alert' : 'status'}>{doing.said}</p> : null}
    </>
  );
}
