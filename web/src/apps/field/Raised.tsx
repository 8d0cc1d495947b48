/** That an order under way has become graver, since when, and what it is now. */
import type { Raised as Grave, Task } from '../../state/field';
import type { DeskClock } from '../../state/time';
import { Age } from '../../ui/Age';
import { useText } from '../../ui/text';

export function Raised({ task, raised, clock }: { readonly task: Task; readonly raised: Grave; readonly clock: DeskClock }) {
  const { t, language } = useText();
  const { code, name_ko, name_en } = task.body;
  return (
    <div className="f-raised" role="alert" data-testid="raised">
      <strong>{raised.from === null ? t.field.raisedTo(raised.to) : t.field.raised(raised.from, raised.to)}</strong>{' '}
      <span>{code} {language === 'ko' ? name_ko : name_en} · <Age at={raised.at} clock={clock} promise={Infinity} /></span>
    </div>
  );
}
