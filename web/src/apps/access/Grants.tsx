/** Who may know whom now, and ending it. */
import { Button } from '@mantine/core';
import { desk, type Grant } from '../../protocol/http';
import { deskNow, type DeskClock } from '../../state/time';
import { called, classes, until } from '../../ui/access';
import { useLocalSecond } from '../../ui/hooks';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import type { Question } from '../../ui/Ask';
import { Id } from './Id';
import { Part } from './Part';
import { holds } from './sorting';

interface Props {
  readonly reading: Reading<readonly Grant[]>;
  readonly clock: DeskClock;
  readonly me: string;
  readonly onAsk: (question: Question) => void;
}

export function Grants({ reading, clock, me, onAsk }: Props) {
  const { t } = useText();
  const now = deskNow(clock, useLocalSecond());
  const { grants: said } = t.access;
  const ask = (one: Grant) => onAsk({ title: said.endTitle, means: said.endMeans, go: said.endGo, run: () => desk.endGrant(one.id) });
  return (
    <Part id="grants" title={said.title} reading={reading}>
      {(all) => {
        const held = all.filter((one) => holds(one, now));
        if (held.length === 0) return <p className="j-empty"><strong>{said.none}</strong></p>;
        return (
          <ul className="a-list">
            {held.map((one) => (
              <li key={one.id} className="a-card" data-kind={one.kind} data-grant={one.id}>
                <p className="a-line">
                  <strong>{called(t.access.kinds, one.kind)}</strong>
                  <span>{t.access.agency} <Id id={one.agency} /> · {one.account === null ? said.wholeAgency : <Id id={one.account} own={me} />} · {said.for} <Id id={one.subject} /></span>
                </p>
                <p>{classes(t, one.data)} · {called(t.access.purposes, one.purpose)} · <span lang="ko">{one.article}</span></p>
                <p className="a-line"><span className="j-num">{t.access.until}: {until(t, one.kind, one.ends_at, now)}</span>
                  <Button variant="default" size="compact-md" onClick={() => ask(one)}>{said.end}</Button></p>
              </li>
            ))}
          </ul>
        );
      }}
    </Part>
  );
}
