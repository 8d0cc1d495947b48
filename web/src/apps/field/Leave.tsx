/** Ending an order on this phone: why not, or that it is done here. It must never happen at one press, nor without a reason. */
import { useState } from 'react';
import { useText } from '../../ui/text';
import type { Leaving } from './buttons';
import { useSettled } from './useSettled';

interface Props {
  readonly leaving: Leaving;
  readonly onSure: (reason: string | null) => void;
  readonly onBack: () => void;
}

const REASONS = ['occupied', 'too-far', 'vehicle', 'conflict'] as const;
type Reason = (typeof REASONS)[number];

export function Leave({ leaving, onSure, onBack }: Props) {
  const { t } = useText();
  const [reason, setReason] = useState<Reason | null>(null);
  const settled = useSettled(leaving);
  const rejecting = leaving === 'rejected';
  return (
    <section className="f-buttons f-leave" aria-label={rejecting ? t.field.rejectTitle : t.field.clearedTitle} data-testid="leave">
      <h2>{rejecting ? t.field.rejectTitle : t.field.clearedTitle}</h2>
      {rejecting ? (
        <div className="f-reasons" role="group" aria-label={t.field.rejectTitle}>
          {REASONS.map((why) => (
            <button key={why} type="button" className="f-reason" aria-pressed={reason === why} disabled={!settled} onClick={() => setReason(why)}>
              {t.field.rejectReasons[why]}
            </button>
          ))}
        </div>
      ) : <p>{t.field.clearedMore}</p>}
      <button type="button" className="f-button f-back" onClick={onBack}>{t.field.back}</button>
      <button type="button" className="f-button f-sure" data-press={leaving} disabled={!settled || (rejecting && reason === null)} onClick={() => onSure(reason)}>
        {rejecting ? t.field.rejectSure : t.field.clearedSure}
      </button>
    </section>
  );
}
