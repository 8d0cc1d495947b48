/** No order: what ended, what this phone will do when one comes, and whether it can. It must never look ready where it is not. */
import { useState } from 'react';
import { desk } from '../../protocol/http';
import type { LineState } from '../../protocol/live';
import type { Field } from '../../state/field';
import type { DeskClock } from '../../state/time';
import { useText } from '../../ui/text';
import { Readiness } from './Readiness';
import type { Alarm } from './useAlarm';
import type { Own } from './useOwnPlace';

interface Props {
  readonly unit: string | null;
  readonly ended: Field['ended'];
  readonly own: Own;
  readonly alarm: Alarm;
  readonly clock: DeskClock;
  readonly line: LineState;
}

export function Idle({ unit, ended, own, alarm, clock, line }: Props) {
  const { t } = useText();
  const [status, setStatus] = useState<'available' | 'off' | null>(null);
  const [failed, setFailed] = useState(false);
  const say = (next: 'available' | 'off') => {
    if (unit === null) return;
    setFailed(false);
    desk.status(unit, next).then(() => setStatus(next), () => setFailed(true));
  };
  const words = t.field.ended;
  return (
    <main className="f-idle">
      {ended ? <p className="f-ended" role="status">{ended.why in words ? words[ended.why as keyof typeof words] : words.other}</p> : null}
      <h2>{t.field.waiting}</h2>
      <ul>{t.field.willDo.map((one) => <li key={one}>{one}</li>)}</ul>
      <Readiness own={own} alarm={alarm} clock={clock} line={line} />
      <div className="f-buttons" role="group" aria-label={t.field.status}>
        <p>{t.field.status}</p>
        <div className="f-duty">
          {(['available', 'off'] as const).map((one) => (
            <button key={one} type="button" className="f-button" aria-pressed={status === one} data-main={status === one} onClick={() => say(one)}>
              {t.field[one]}
            </button>
          ))}
        </div>
        {failed ? <p className="j-error" role="alert">{t.signIn.unreachable}</p> : null}
      </div>
    </main>
  );
}
