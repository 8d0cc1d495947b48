/** A pair's state: shape, word and colour. It must never show SAFE for what nobody said is safe. */
import { Shape } from './Shape';
import { isState, STATES } from './tokens';
import { useText } from './text';

export function StateBadge({ state }: { readonly state: string | null }) {
  const { t } = useText();
  if (!isState(state)) return null;
  const { tone, shape } = STATES[state];
  return (
    <span className="j-badge" data-tone={tone} data-state={state}>
      <Shape name={shape} />
      {t.states[state]}
    </span>
  );
}
