/** Says that the desk is silent, and for how long; the buttons go on working. */
import type { LineState } from '../../protocol/live';
import type { DeskClock } from '../../state/time';
import { age } from '../../ui/format';
import { useFrozen } from '../../ui/Frozen';
import { useText } from '../../ui/text';

export function Silence({ clock, line }: { readonly clock: DeskClock; readonly line: LineState }) {
  const { t } = useText();
  const silent = useFrozen(clock);
  if (clock.heard === null) return line === 'connecting' ? <p className="f-silence" role="status">{t.line.connecting}</p> : null;
  if (silent === null) return null;
  return <p className="f-silence" role="alert" data-testid="frozen">{t.field.offline(age(t, silent))}</p>;
}
