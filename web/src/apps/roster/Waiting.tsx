/** What colleagues have left and nobody has taken. It must never look taken before the desk has said so. */
import { Button } from '@mantine/core';
import { desk, type Handover, type Handovers, type Me } from '../../protocol/http';
import { account, clock } from '../../ui/format';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import { Items } from './Items';
import { Part } from './Part';
import { takeable } from './sorting';
import { type Doing, useDoing } from '../../ui/useDoing';

interface Props {
  readonly me: Me;
  readonly handovers: Reading<Handovers>;
  readonly onDone: () => void;
}

export function Waiting({ me, handovers, onDone }: Props) {
  const { t } = useText();
  const doing = useDoing(t, onDone);
  return (
    <Part id="waiting" title={t.roster.waiting.title} reading={handovers} doing={doing}>
      {({ waiting }) => {
        const theirs = waiting.filter((one) => one.account !== me.account);
        if (theirs.length === 0) return <p className="j-empty">{t.roster.waiting.none}</p>;
        return <ul className="r-list">{theirs.map((one) => <One key={one.id} handover={one} me={me} doing={doing} />)}</ul>;
      }}
    </Part>
  );
}

function One({ handover, me, doing }: { readonly handover: Handover; readonly me: Me; readonly doing: Doing }) {
  const { t } = useText();
  const { waiting } = t.roster;
  const take = () =>
    doing.run(() => desk.takeOver(handover.id).then(({ count, off_duty }) => (off_duty ? waiting.takenOff(count) : waiting.taken(count))));
  return (
    <li className="r-card" data-late="true" data-handover={handover.id}>
      <p className="r-line"><strong>{waiting.from(account(t, handover.name))}</strong><span className="j-num">{t.roster.item.since(clock(handover.given_at).slice(0, 5))}</span></p>
      {handover.note ? <blockquote className="r-note" data-weight="written">{handover.note}</blockquote> : null}
      {handover.open.length === 0 ? <p>{waiting.hidden}</p> : <Items open={handover.open} />}
      {takeable(handover, me) ? (
        <div className="r-actions"><Button className="j-main" loading={doing.busy} onClick={take}>{waiting.take(handover.open.length)}</Button></div>
      ) : <p className="j-dim">{waiting.others}</p>}
    </li>
  );
}
