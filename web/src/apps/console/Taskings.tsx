/** Both taskings with where they stand, whether the order arrived, and the clock that runs. */
import { memo } from 'react';
import type { UnitSight } from '../../protocol/frames';
import type { Whole } from '../../protocol/http';
import type { Limits } from '../../state/room';
import { clockface, deskNow, type DeskClock } from '../../state/time';
import { Age } from '../../ui/Age';
import { metres } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { Shape } from '../../ui/Shape';
import { type Text, useText } from '../../ui/text';
import { Ring } from './Ring';

type Tasking = Whole['taskings'][number];

interface Props {
  readonly whole: Whole;
  readonly units: readonly UnitSight[];
  readonly unitsAt: number | null;
  readonly limits: Limits;
  readonly clock: DeskClock;
}

export function toward(t: Text, where: string): string {
  return where === 'victim' ? t.incident.toVictim : where === 'offender' ? t.incident.toOffender : t.incident.toPlace;
}

export function stateName(t: Text, state: string): string {
  return state in t.tasking ? t.tasking[state as keyof Text['tasking']] : state;
}

/** A unit's name; the other agency's is known while both work together, and not after. */
export function unitName(t: Text, one: Tasking): string {
  return one.callsign ?? t.incident.otherUnit;
}

/** The shape of a unit's side, known from where it goes even when the unit is not. */
export function sideOf(one: Tasking): string {
  return one.kind ?? (one.toward === 'offender' ? 'probation' : 'police');
}

export const Taskings = memo(({ whole, clock, ...room }: Props) => {
  const { t } = useText();
  return (
    <section className="c-box">
      <h3>{t.incident.taskings}</h3>
      {whole.taskings.length === 0 ? <p className="j-dim">{t.incident.noTaskings}</p> : null}
      <ul className="c-taskings">
        {whole.taskings.map((one) => <Row key={one.id} one={one} room={room} clock={clock} />)}
      </ul>
    </section>
  );
});

function Row({ one, room, clock }: {
  readonly one: Tasking; readonly room: Omit<Props, 'whole' | 'clock'>; readonly clock: DeskClock;
}) {
  const { t } = useText();
  const unit = room.units.find((sight) => sight.unit === one.unit);
  const running = one.ended_at === null;
  return (
    <li data-running={running} data-away={unit?.distance_m ?? undefined}>
      <div className="c-line">
        <Shape name={sideOf(one)} />
        <strong>{unitName(t, one)}</strong>
        <span>{toward(t, one.toward)}</span>
        <span className="c-tasking-state" data-state={one.state}>{stateName(t, one.state)}</span>
        {running && one.forsaken_at !== null ? <strong>{t.tasking.forsaken}</strong> : null}
      </div>
      <div className="c-line j-dim">
        <span>{delivery(t, one)}</span>
        {running && unit && unit.eta_s !== null && one.state !== 'on_scene' ? (
          <span className="j-num">{t.incident.eta} <strong>{clockface(unit.eta_s)}</strong> ({metres(t, unit.distance_m ?? 0)})</span>
        ) : null}
        {running && unit ? (
          <span>
            {t.incident.positionAge}{' '}
            <Age at={unit.age_s === null || room.unitsAt === null ? null : room.unitsAt - unit.age_s} clock={clock} promise={120} />
          </span>
        ) : null}
      </div>
      {running ? <Deadline one={one} limits={room.limits} clock={clock} /> : null}
    </li>
  );
}

function delivery(t: Text, one: Tasking): string {
  if (one.delivered_at !== null) return t.delivery.delivered;
  return one.delivery_state === 'sent' ? t.delivery.sent : t.delivery.queued;
}

function Deadline({ one, limits, clock }: { readonly one: Tasking; readonly limits: Limits; readonly clock: DeskClock }) {
  const { t } = useText();
  const now = deskNow(clock, useLocalSecond());
  const accepting = one.state === 'tasked';
  if (!accepting && one.state !== 'accepted' && one.state !== 'en_route') return null;
  const allowed = accepting ? limits.accept_s : limits.on_scene_s;
  const left = one.tasked_at + allowed - now;
  const said = accepting
    ? left >= 0 ? t.deadline.accept(clockface(left)) : t.deadline.acceptLate(clockface(-left))
    : left >= 0 ? t.deadline.arrive(clockface(left)) : t.deadline.arriveLate(clockface(-left));
  return (
    <div className="c-line c-deadline j-num" data-late={left < 0}>
      <Ring share={left / allowed} /> {said}
    </div>
  );
}
