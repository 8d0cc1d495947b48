/** No order: what ended, that the phone listens, and whether one can be sent. */
import { useState } from 'react';
import { desk } from '../../protocol/http';
import type { Field } from '../../state/field';
import { useText } from '../../ui/text';

export function Idle({ unit, ended }: { readonly unit: string | null; readonly ended: Field['ended'] }) {
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
      <p>{t.field.waitingMore}</p>
      <div className="f-buttons" role="group" aria-label={t.field.status}>
        <p>{t.field.status}</p>
        {(['available', 'off'] as const).map((one) => (
          <button key={one} type="button" className="f-button" aria-pressed={status === one} data-main={status === one} onClick={() => say(one)}>
            {t.field[one]}
          </button>
        ))}
        {failed ? <p className="j-error" role="alert">{t.signIn.unreachable}</p> : null}
      </div>
    </main>
  );
}
