/** What was opened in an emergency and waits for a judgement, what is due first first. */
import { Button } from '@mantine/core';
import { desk, type Grant } from '../../protocol/http';
import { clockface, deskNow, type DeskClock } from '../../state/time';
import { called } from '../../ui/access';
import { Age } from '../../ui/Age';
import { clock as face, date } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import type { Reading } from '../../ui/useReading';
import type { Question } from '../../ui/Ask';
import { Id } from './Id';
import { Part } from './Part';
import { holds, toJudge } from './sorting';

interface Props {
  readonly reading: Reading<readonly Grant[]>;
  readonly clock: DeskClock;
  readonly me: string;
  readonly onAsk: (question: Question) => void;
}

export function ToJudge({ reading, clock, me, onAsk }: Props) {
  const { t } = useText();
  return (
    <Part id="judge" title={t.access.judge.title} reading={reading}>
      {(grants) => {
        const due = toJudge(grants);
        if (due.length === 0) return <p className="j-empty"><strong>{t.access.judge.none}</strong>{t.access.judge.noneMore}</p>;
        return <ul className="a-list">{due.map((one) => <Opening key={one.id} grant={one} clock={clock} me={me} onAsk={onAsk} />)}</ul>;
      }}
    </Part>
  );
}

function Opening({ grant, clock, me, onAsk }: { readonly grant: Grant } & Omit<Props, 'reading'>) {
  const { t } = useText();
  const now = deskNow(clock, useLocalSecond());
  const left = (grant.review_by ?? now) - now;
  const open = holds(grant, now);
  const own = grant.account === me;
  const judge = (upheld: boolean) => {
    const { judge: said } = t.access;
    onAsk({
      title: upheld ? said.upholdTitle : said.refuseTitle, means: upheld ? said.upholdMeans : said.refuseMeans,
      go: upheld ? said.upholdGo : said.refuseGo, run: () => desk.judge(grant.id, upheld),
    });
  };
  return (
    <li className="a-card" data-late={left < 0} data-grant={grant.id}>
      <div className="a-line">
        <strong>{t.access.judge.opened}</strong>
        <span className="a-due j-num" data-late={left < 0}>{left < 0 ? t.access.judge.late(clockface(-left)) : t.access.judge.by(clockface(left))}</span>
      </div>
      <blockquote data-weight="written"><span className="a-hidden">{t.access.reason}: </span>{grant.reason}</blockquote>
      <dl className="a-facts">
        <div><dt>{t.access.when}</dt><dd className="j-num">{date(grant.starts_at)} {face(grant.starts_at)} · <Age at={grant.starts_at} clock={clock} promise={Infinity} /></dd></div>
        <div><dt>{t.access.account}</dt><dd>{grant.account === null ? t.access.grants.wholeAgency : <Id id={grant.account} own={me} whole />}</dd></div>
        <div><dt>{t.access.subject}</dt><dd><Id id={grant.subject} whole /></dd></div>
        <div><dt>{t.access.purpose}</dt><dd>{called(t.access.purposes, grant.purpose)}</dd></div>
        <div><dt>{t.access.article}</dt><dd lang="ko">{grant.article}</dd></div>
      </dl>
      <p className="a-line"><Shape name={open ? 'half' : 'ring'} size={14} />{open ? t.access.judge.stillOpen(clockface((grant.ends_at ?? now) - now)) : t.access.judge.closed}</p>
      {own ? <p>{t.access.ownOpening}</p> : (
        <div className="a-actions">
          <Button variant="default" onClick={() => judge(true)}>{t.access.judge.uphold}</Button>
          <Button variant="default" onClick={() => judge(false)}>{t.access.judge.refuse}</Button>
        </div>
      )}
    </li>
  );
}
