/** Why these units were sent, and who else could go: numbers a person can check. */
import type { Whole } from '../../protocol/http';
import type { Room } from '../../state/room';
import { clockface } from '../../state/time';
import { asked, next } from '../../state/turns';
import { age, metres } from '../../ui/format';
import { Shape } from '../../ui/Shape';
import { type Text, useText } from '../../ui/text';
import { sideOf, unitName } from './Taskings';

export function Plan({ whole, room }: { readonly whole: Whole; readonly room: Room }) {
  const { t } = useText();
  const turns = asked(whole.taskings);
  const others = next(room.units, whole, room.tracks);
  return (
    <section className="c-box" data-testid="plan">
      <h3>{t.incident.why}</h3>
      <ul className="c-taskings">
        {whole.taskings.map((one) => (
          <li key={one.id}>
            <Shape name={sideOf(one)} /> <strong>{unitName(t, one)}</strong> · {reasons(t, one.reasons, turns.get(one.id) ?? 1)}
          </li>
        ))}
      </ul>
      <h3>{t.incident.others}</h3>
      {others.length === 0 ? <p className="j-dim">{t.incident.noOthers}</p> : null}
      <ul className="c-taskings">
        {others.map(({ unit, away, turn }) => (
          <li key={unit.unit}>
            <Shape name={unit.kind} /> <strong>{unit.callsign}</strong> · {t.incident.next(turn)} · {away === null ? t.incident.noPosition : metres(t, away)}
            {unit.age_s === null ? null : ` · ${t.incident.positionAge} ${t.ago(age(t, unit.age_s))}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** As it was when the order was given, and the turn it was asked in. */
function reasons(t: Text, said: Readonly<Record<string, unknown>>, turn: number): string {
  const { distance_m: away, eta_s: eta, rank, among } = said;
  const nearest = typeof rank === 'number' && typeof among === 'number' ? t.incident.placeOf(rank, among) : t.incident.nearest;
  return [
    typeof away === 'number' ? nearest : t.incident.noPosition,
    typeof away === 'number' ? metres(t, away) : null,
    typeof eta === 'number' ? `${t.incident.eta} ${clockface(eta)}` : null,
    t.incident.asked(turn),
  ].filter((part) => part !== null).join(' · ');
}
