/** Why these units were sent, and who else could go: numbers a person can check. */
import type { Whole } from '../../protocol/http';
import type { Room } from '../../state/room';
import { clockface } from '../../state/time';
import { age, metres } from '../../ui/format';
import { Shape } from '../../ui/Shape';
import { type Text, useText } from '../../ui/text';
import { sideOf, unitName } from './Taskings';

export function Plan({ whole, room }: { readonly whole: Whole; readonly room: Room }) {
  const { t } = useText();
  const busy = new Set(whole.taskings.filter((one) => one.ended_at === null).map((one) => one.unit));
  const others = room.units.filter((one) => one.incident === null && one.status === 'available' && !busy.has(one.unit));
  return (
    <section className="c-box" data-testid="plan">
      <h3>{t.incident.why}</h3>
      <ul className="c-taskings">
        {whole.taskings.map((one) => (
          <li key={one.id}>
            <Shape name={sideOf(one)} /> <strong>{unitName(t, one)}</strong> · {reasons(t, one.reasons)}
          </li>
        ))}
      </ul>
      <h3>{t.incident.others}</h3>
      {others.length === 0 ? <p className="j-dim">{t.incident.noOthers}</p> : null}
      <ul className="c-taskings">
        {others.map((one) => (
          <li key={one.unit}>
            <Shape name={one.kind} /> {one.callsign} · {t.incident.positionAge} {one.age_s === null ? t.never : t.ago(age(t, one.age_s))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function reasons(t: Text, said: Readonly<Record<string, unknown>>): string {
  const { distance_m: away, eta_s: eta, rank } = said;
  return [
    typeof away === 'number' ? t.incident.nearest : t.incident.noPosition,
    typeof away === 'number' ? metres(t, away) : null,
    typeof eta === 'number' ? `${t.incident.eta} ${clockface(eta)}` : null,
    typeof rank === 'number' ? t.incident.rank(rank) : null,
  ].filter((part) => part !== null).join(' · ');
}
