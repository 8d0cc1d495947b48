/** What two agencies agreed to share: both see the same of it, either ends it. It must never hold on one side's yes. */
import { Button } from '@mantine/core';
import { type Agreement, type Agreements as Read, desk } from '../../protocol/http';
import { clockface, deskNow, type DeskClock } from '../../state/time';
import { called, classes } from '../../ui/access';
import type { Question } from '../../ui/Ask';
import { clock as face, date } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import { Id } from './Id';
import { Part } from './Part';
import { Propose } from './Propose';

interface Props {
  readonly reading: Reading<Read>;
  readonly clock: DeskClock;
  readonly agency: string;
  readonly onAsk: (question: Question) => void;
  readonly onDone: () => void;
}

const SOON_S = 86_400;

export function Agreements({ reading, clock, agency, onAsk, onDone }: Props) {
  const { t } = useText();
  const { agreements: said } = t.asked;
  return (
    <Part id="agreements" title={said.title} reading={reading}>
      {(all) => (
        <>
          {all.agreements.length === 0 ? <p className="j-empty"><strong>{said.none}</strong></p> : (
            <ul className="a-list">{all.agreements.map((one) => <One key={one.id} one={one} clock={clock} agency={agency} onAsk={onAsk} />)}</ul>
          )}
          <Propose agency={agency} longest={all.longest_s} clock={clock} onDone={onDone} />
        </>
      )}
    </Part>
  );
}

function One({ one, clock, agency, onAsk }: { readonly one: Agreement } & Pick<Props, 'clock' | 'agency' | 'onAsk'>) {
  const { t } = useText();
  const { agreements: said } = t.asked;
  const now = deskNow(clock, useLocalSecond());
  const over = one.ended_at !== null || one.ends_at <= now;
  const theirs = one.other === agency;
  const left = one.ends_at - now;
  const state = over ? said.over : one.agreed_at !== null ? said.stands : theirs ? said.theirs : said.ours;
  return (
    <li className="a-card" data-agreement={one.id} data-state={over ? 'over' : one.agreed_at === null ? 'proposed' : 'agreed'}>
      <p className="a-line"><strong>{state}</strong>
        <span className="a-due j-num">{left > 0 && left < SOON_S ? clockface(left) : `${t.access.until} ${date(one.ends_at)}`}</span></p>
      <p className="a-line"><Id id={theirs ? one.agency : one.other} /> <span>{t.access.grants.for}</span> <Id id={one.subject} /></p>
      <p>{classes(t, one.data)} · {called(t.access.purposes, one.purpose)} · <span data-weight="written">{one.article}</span></p>
      <blockquote data-weight="written">{one.reason}</blockquote>
      <p className="a-line j-num"><span>{said.knows} <Id id={one.recipient} /></span><span>{said.looks(one.looks)}</span>
        {one.last_look === null ? null : <span>{said.last(`${date(one.last_look)} ${face(one.last_look)}`)}</span>}
        {one.ended_agency === null ? null : <span><Id id={one.ended_agency} /> {said.over}</span>}</p>
      {over ? null : (
        <div className="a-actions">
          {theirs && one.agreed_at === null ? (
            <Button variant="default" onClick={() => onAsk({ title: said.yesTitle, means: said.yesMeans, go: said.yesGo, run: () => desk.agree(one.id) })}>{said.yes}</Button>
          ) : null}
          <Button variant="default" onClick={() => onAsk({ title: said.endTitle, means: said.endMeans, go: said.endGo, run: () => desk.endAgreement(one.id) })}>{said.end}</Button>
        </div>
      )}
    </li>
  );
}
