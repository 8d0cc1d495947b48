/** Staff as whoever plans sees them: training with its dates, and whose sign-in elsewhere an account is, and where one ends. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { desk, type Roster, type Staff } from '../../protocol/http';
import { account, date, roleName } from '../../ui/format';
import { useText } from '../../ui/text';
import { kindNames } from './sorting';
import { field, typed } from '../../ui/times';
import { type Doing, useDoing } from '../../ui/useDoing';

const YEAR_S = 365 * 86400;

export function StaffList({ roster, onDone }: { readonly roster: Roster; readonly onDone: () => void }) {
  const { t } = useText();
  const doing = useDoing(t, onDone);
  return (
    <section className="r-part" aria-labelledby="r-staff" data-testid="staff">
      <h2 id="r-staff">{t.roster.staff.title}</h2>
      {doing.said ? <p className={doing.refused ? 'j-error' : 'r-said'} role={doing.refused ? 'alert' : 'status'}>{doing.said}</p> : null}
      {roster.staff.length === 0 ? <p className="j-empty">{t.roster.staff.none}</p> : (
        <ul className="r-list r-staff">{roster.staff.map((one) => <One key={one.account} roster={roster} one={one} doing={doing} />)}</ul>
      )}
    </section>
  );
}

interface OneProps {
  readonly roster: Roster;
  readonly one: Staff;
  readonly doing: Doing;
}

function One({ roster, one, doing }: OneProps) {
  const { t, language } = useText();
  const { staff } = t.roster;
  return (
    <li className="r-card" data-staff={one.account}>
      <p className="r-line"><strong data-weight="written">{account(t, one.name)}</strong><span>{roleName(t, one.role)}</span>{one.callsign === null ? null : <span data-weight="written">{one.callsign}</span>}</p>
      {one.papers.length === 0 ? <p className="j-dim">{staff.papers}</p> : (
        <ul className="r-list">
          {one.papers.map((paper) => (
            <li key={paper.id} className="r-line">
              <span>{kindNames(roster, [paper.kind], language, t.access.data.other)}</span>
              <span className={paper.valid_until <= roster.at ? 'r-mark j-num' : 'j-num'} data-lapsed={paper.valid_until <= roster.at}>
                {paper.valid_until <= roster.at ? staff.lapsedOn(date(paper.valid_until)) : staff.until(date(paper.valid_until))}
              </span>
              <Button variant="default" size="compact-md" onClick={() => doing.run(() => desk.unqualify(paper.id).then(() => null))}>{staff.end}</Button>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>{staff.forms}</summary>
        <Training roster={roster} one={one} doing={doing} />
        {roster.provider ? <Elsewhere one={one} doing={doing} /> : null}
      </details>
      <details>
        <summary>{staff.leaves}</summary>
        <p>{staff.leavesHow}</p>
        <Button variant="default" color="red" loading={doing.busy} onClick={() => doing.run(() => desk.endAccount(one.account).then(() => null))}>{staff.endAccount}</Button>
      </details>
    </li>
  );
}

function Training({ roster, one, doing }: OneProps) {
  const { t, language } = useText();
  const { staff } = t.roster;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [from, until] = [typed(String(form.get('from'))), typed(String(form.get('until')))];
    if (from === null || until === null) return;
    doing.run(() => desk.qualify(one.account, String(form.get('kind')), from, until).then(() => null));
  }
  return (
    <form className="r-form" onSubmit={submit}>
      <NativeSelect name="kind" label={staff.kind} data={roster.kinds.map((kind) => ({ value: kind.kind, label: kind[language] }))} />
      <TextInput name="from" type="date" label={staff.from} required defaultValue={field(roster.at).slice(0, 10)} />
      <TextInput name="until" type="date" label={staff.to} required defaultValue={field(roster.at + YEAR_S).slice(0, 10)} />
      <Button type="submit" variant="default" loading={doing.busy}>{staff.record}</Button>
    </form>
  );
}

function Elsewhere({ one, doing }: Pick<OneProps, 'one' | 'doing'>) {
  const { t } = useText();
  const { staff } = t.roster;
  if (one.elsewhere) {
    return (
      <p className="r-line"><span>{staff.recorded}</span>
        <Button variant="default" size="compact-md" onClick={() => doing.run(() => desk.subject(one.account, null).then(() => null))}>{staff.unlink}</Button></p>
    );
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const subject = String(new FormData(event.currentTarget).get('subject')).trim();
    if (subject !== '') doing.run(() => desk.subject(one.account, subject).then(() => null));
  }
  return (
    <form className="r-form" onSubmit={submit}>
      <TextInput name="subject" label={staff.subject} maxLength={255} required autoComplete="off" />
      <Button type="submit" variant="default" loading={doing.busy}>{staff.link}</Button>
    </form>
  );
}
