/** Who is on duty, or who is next: name, role, place, times, and what of their training has lapsed. */
import { Button } from '@mantine/core';
import type { Roster, Shift } from '../../protocol/http';
import { clockface } from '../../state/time';
import { account, roleName } from '../../ui/format';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import { kindNames } from './sorting';
import { said } from '../../ui/times';

interface Props {
  readonly roster: Roster;
  readonly shifts: readonly Shift[];
  readonly now: number;
  readonly none: string;
  /** Takes a shift off the roster; null for whoever may not. */
  readonly onWithdraw: ((id: string) => void) | null;
}

export function Shifts({ roster, shifts, now, none, onWithdraw }: Props) {
  if (shifts.length === 0) return <p className="j-empty">{none}</p>;
  return (
    <ul className="r-list">
      {shifts.map((one) => (
        <One key={one.id} roster={roster} shift={one} now={now} onWithdraw={one.begun_at === null && onWithdraw ? () => onWithdraw(one.id) : null} />
      ))}
    </ul>
  );
}

function One({ roster, shift, now, onWithdraw }: { readonly roster: Roster; readonly shift: Shift; readonly now: number; readonly onWithdraw: (() => void) | null }) {
  const { t, language } = useText();
  const begun = shift.begun_at !== null;
  const late = begun ? now - shift.ends_at : now - shift.starts_at;
  const words = (kinds: readonly string[]) => kindNames(roster, kinds, language, t.access.data.other);
  return (
    <li className="r-card" data-late={late > 0} data-shift={shift.id}>
      <p className="r-line">
        <Shape name={begun ? 'tick' : 'ring'} size={14} />
        <strong data-weight="written">{account(t, shift.name)}</strong>
        <span>{roleName(t, shift.role)}</span>
        {shift.callsign === null && shift.station_name === null ? null : <span data-weight="written">{[shift.callsign, shift.station_name].filter(Boolean).join(' · ')}</span>}
        {shift.lead ? <span className="r-mark">{t.roster.leads}</span> : null}
      </p>
      <p className="r-line">
        <span className="j-num">{said(shift.starts_at, now)} – {said(shift.ends_at, now)}</span>
        {late > 0 ? <span className="r-mark j-num" data-late="true">{begun ? t.roster.over(clockface(late)) : t.roster.next.late(clockface(late))}</span> : null}
        {onWithdraw === null ? null : <Button variant="default" size="compact-md" onClick={onWithdraw}>{t.roster.plan.withdraw}</Button>}
      </p>
      {shift.lapsed.length > 0 ? <p><span className="r-mark" data-lapsed="true">{t.roster.lapsedOf(words(shift.lapsed))}</span></p> : null}
      {shift.soon.length > 0 ? <p className="j-dim">{t.roster.soonOf(words(shift.soon))}</p> : null}
    </li>
  );
}
