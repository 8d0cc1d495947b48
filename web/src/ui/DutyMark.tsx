/** Whether one is on duty, beside one's name, and the way to the roster. It must never take a room away from its queue: the
 * roster opens beside it. */
import { duty } from '../state/duty';
import { clock } from './format';
import { useStore } from './hooks';
import { PATHS } from './routes';
import { Shape } from './Shape';
import { useText } from './text';

export function DutyMark() {
  const { t } = useText();
  const own = useStore(duty);
  if (own === null || (own.state === 'unkept' && own.lapsed.length === 0)) return null;
  const off = own.state === 'off' || own.state === 'due';
  return (
    <a className="j-duty" href={PATHS.roster} target="_blank" rel="noopener" data-state={own.state} data-testid="duty">
      {own.state === 'unkept' ? null : (
        <span className="j-duty-state" data-off={off}>
          <Shape name={own.state === 'on' ? 'tick' : 'ring'} size={14} />
          {own.state === 'on' ? t.roster.state.on(clock(own.shift?.ends_at ?? 0).slice(0, 5)) : t.roster.state[own.state]}
        </span>
      )}
      {own.lapsed.length > 0 ? <span className="j-duty-state" data-off="true">{t.roster.lapsed}</span> : null}
    </a>
  );
}
