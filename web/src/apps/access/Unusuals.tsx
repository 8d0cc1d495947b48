/** What looks like browsing. It must never say that it was: somebody has to look. */
import { Button } from '@mantine/core';
import type { Unusual } from '../../protocol/http';
import type { DeskClock } from '../../state/time';
import { called } from '../../ui/access';
import { Age } from '../../ui/Age';
import { clock as face } from '../../ui/format';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import { Id } from './Id';
import { Part } from './Part';

interface Props {
  readonly reading: Reading<readonly Unusual[]>;
  readonly clock: DeskClock;
  readonly me: string;
  readonly onShow: (account: string) => void;
}

export function Unusuals({ reading, clock, me, onShow }: Props) {
  const { t } = useText();
  const { unusual: said } = t.access;
  return (
    <Part id="unusual" title={said.title} reading={reading}>
      {(found) => found.length === 0 ? <p className="j-empty"><strong>{said.none}</strong></p> : (
        <ul className="a-list">
          {found.map((one) => (
            <li key={`${one.account}:${one.kind}`} className="a-card" data-kind={one.kind}>
              <p className="a-line"><Shape name="triangle" size={14} /><Id id={one.account} own={me} /> <strong>{called(said.kinds, one.kind)}</strong></p>
              <p className="a-line j-num">
                <span>{one.kind === 'many-people' ? said.people(one.count) : said.count(one.count)}</span>
                <span>{said.last} {face(one.last)} · <Age at={one.last} clock={clock} promise={Infinity} /></span>
                <Button variant="default" size="compact-md" onClick={() => onShow(one.account)}>{said.show}</Button>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}
