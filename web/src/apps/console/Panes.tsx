/** Three columns on a wide screen, tabs on a narrow one. */
import { type ReactNode, useId } from 'react';
import { useText } from '../../ui/text';

export type PaneName = 'queue' | 'map' | 'incident';
const NAMES: readonly PaneName[] = ['queue', 'map', 'incident'];

interface Props {
  readonly narrow: boolean;
  readonly pane: PaneName;
  readonly open: number;
  readonly onPane: (pane: PaneName) => void;
  readonly children: Readonly<Record<PaneName, ReactNode>>;
}

export function Panes({ narrow, pane, open, onPane, children }: Props) {
  const { t } = useText();
  const id = useId();
  if (!narrow) {
    return <main className="c-columns">{NAMES.map((name) => <div key={name} className={`c-column c-column-${name}`}>{children[name]}</div>)}</main>;
  }
  const titles = { queue: `${t.queue.title} ${open}`, map: t.map.title, incident: t.incident.title };
  return (
    <main className="c-tabbed">
      <div className="c-tabs" role="tablist">
        {NAMES.map((name) => (
          <button
            key={name} type="button" role="tab" id={`${id}-${name}`} aria-selected={pane === name} aria-controls={`${id}-panel`}
            tabIndex={pane === name ? 0 : -1} onClick={() => onPane(name)}
            onKeyDown={(event) => {
              const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
              const next = NAMES[(NAMES.indexOf(name) + by + NAMES.length) % NAMES.length];
              if (by === 0 || !next) return;
              onPane(next);
              document.getElementById(`${id}-${next}`)?.focus();
            }}
          >
            {titles[name]}
          </button>
        ))}
      </div>
      <div className={`c-column c-column-${pane}`} role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${pane}`}>
        {children[pane]}
      </div>
    </main>
  );
}
