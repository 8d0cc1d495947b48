/** Destruction as a registrar asks for it, and what others asked for. It must never decide what it asked for. */
import { Button, NativeSelect } from '@mantine/core';
import type { FormEvent } from 'react';
import { type Agency, desk, type Destructions, type Me } from '../../protocol/http';
import { Resting } from '../../ui/Resting';
import { useText } from '../../ui/text';
import { Steps } from '../../ui/Steps';
import { type Doing, useDoing } from '../../ui/useDoing';
import type { Reading } from '../../ui/useReading';
import { Part } from './Part';
import { nameOf } from './yeses';

interface Props {
  readonly reading: Reading<Destructions>;
  readonly person: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly agencies: readonly Agency[];
  readonly me: Me;
  readonly now: number;
  readonly onDone: () => void;
}

export function Ending({ reading, person, labels, agencies, me, now, onDone }: Props) {
  const { t, language } = useText();
  const { destructions: said } = t.asked;
  const doing = useDoing(t, onDone, t.asked.refused);
  return (
    <Part id="destructions" title={said.title} reading={reading} doing={doing}>
      {({ destructions, events }) => (
        <>
          {destructions.length === 0 ? <p className="j-empty"><strong>{said.none}</strong></p> : (
            <ul className="k-list">
              {destructions.map((one) => (
                <li key={one.id} className="k-card" data-destruction={one.id}>
                  <p className="k-line"><strong>{events.find((each) => each.code === one.event)?.[language] ?? one.event}</strong> <span data-weight="written">{labels.get(one.person) ?? `…${one.person.slice(-8)}`}</span></p>
                  <p lang="ko" className="j-dim">{one.article}</p>
                  <Steps one={one} now={now} />
                  {one.asked_by === me.account && one.decided_at === null ? <p>{said.own}</p> : null}
                  <Resting one={one} me={me} doing={doing} actions="k-actions" named={(id) => <span data-weight="written">{nameOf(agencies, id)}</span>} />
                </li>
              ))}
            </ul>
          )}
          {person === null ? null : <Asking person={person} events={events} doing={doing} />}
        </>
      )}
    </Part>
  );
}

function Asking({ person, events, doing }: { readonly person: string; readonly events: Destructions['events']; readonly doing: Doing }) {
  const { t, language } = useText();
  const { destructions: said } = t.asked;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    doing.run(() => desk.askDestruction(person, String(new FormData(event.currentTarget).get('event'))).then(() => said.done));
  }

  return (
    <form className="k-form" onSubmit={submit}>
      <NativeSelect name="event" label={said.event} data={events.map((one) => ({ value: one.code, label: one[language] }))} />
      <Button type="submit" variant="default" loading={doing.busy}>{said.ask}</Button>
    </form>
  );
}
