/** Covers what is old when the desk has gone silent. It must never be hidden by anything, nor closed by a person. */
import { age, clock as face } from './format';
import { useLocalSecond } from './hooks';
import { useText } from './text';
import { deskNow, type DeskClock, FROZEN_S, silence } from '../state/time';

/** Seconds of silence where it is too long; null while the desk speaks. */
export function useFrozen(clock: DeskClock): number | null {
  const silent = silence(clock, useLocalSecond() + 0.999);
  return silent !== null && silent > FROZEN_S + 0.999 ? silent : null;
}

export function Frozen({ clock }: { readonly clock: DeskClock }) {
  const { t } = useText();
  const silent = useFrozen(clock);
  if (silent === null || clock.heard === null) return null;
  return (
    <div className="j-frozen" role="alert" data-testid="frozen">
      <div className="j-frozen-said">
        <strong>{t.line.cutFor(age(t, silent))}</strong>
        <span>{t.line.last(face(deskNow(clock, clock.heard)))}</span>
        <span>{t.line.retry}</span>
      </div>
    </div>
  );
}
