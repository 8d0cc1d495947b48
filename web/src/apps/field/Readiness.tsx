/** The phone's own state, a line each: connection, position, sound, exercise. What is not as it should be says what to do. */
import type { ReactNode } from 'react';
import type { LineState } from '../../protocol/live';
import { deskNow, type DeskClock } from '../../state/time';
import { Age } from '../../ui/Age';
import { Doubt } from '../../ui/Doubt';
import { useSite } from '../../ui/Shell';
import { useText } from '../../ui/text';
import type { Alarm } from './useAlarm';
import type { Own } from './useOwnPlace';

/** A desk speaks each second; older than this its last word is old. */
const SPEAKS_S = 5;
const TOLD_S = 60;

interface Props {
  readonly own: Own;
  readonly alarm: Alarm;
  readonly clock: DeskClock;
  readonly line: LineState;
}

export function Readiness({ own, alarm, clock, line }: Props) {
  const { t } = useText();
  const site = useSite();
  const heard = clock.heard === null ? null : deskNow(clock, clock.heard);
  const words = t.field.ready;
  return (
    <dl className="f-ready" data-testid="ready">
      <Line name={words.connection} good={line === 'open'}>
        {line === 'open' ? words.connected : words.cut} · {words.lastWord} <Age at={heard} clock={clock} promise={SPEAKS_S} />
      </Line>
      <Line name={words.position} good={own.state === 'on'}>
        {words.positions[own.state]}
        {own.place ? <> · <Doubt sigmas={[own.place.sigma_m]} /></> : null}
        {own.state === 'on' ? <> · {words.told} <Age at={own.told} clock={clock} promise={TOLD_S} /></> : null}
      </Line>
      <Line name={words.sound} good={alarm.works}>
        {alarm.works ? words.soundOn : words.soundOff} <button type="button" className="f-leaving" onClick={alarm.test}>{t.sound.test}</button>
      </Line>
      <Line name={words.exercise} good>{site === null ? t.unknown : site.exercise ? words.isExercise : words.isReal}</Line>
    </dl>
  );
}

function Line({ name, good, children }: { readonly name: string; readonly good: boolean; readonly children: ReactNode }) {
  return (
    <div data-good={good}>
      <dt><span aria-hidden="true">{good ? '●' : '▲'}</span> {name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
