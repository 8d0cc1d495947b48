/** The chosen incident: what is known, whom the order protects it by, who is under way, what happened, what to do. */
import { Button } from '@mantine/core';
import { memo, type RefObject } from 'react';
import type { PairFrame } from '../../protocol/frames';
import type { Sight } from '../../protocol/http';
import type { Room, Saying } from '../../state/room';
import { contactOf } from '../../state/contact';
import { turnOf } from '../../state/withheld';
import { clockface, type DeskClock } from '../../state/time';
import { clock as face, label, metres } from '../../ui/format';
import type { Command } from '../../ui/commands';
import { Doubt } from '../../ui/Doubt';
import { Shape } from '../../ui/Shape';
import { StateBadge } from '../../ui/StateBadge';
import { useText } from '../../ui/text';
import { toneOf } from '../../ui/tokens';
import { Aged } from './Aged';
import { alertName, alertOf, reasonOf } from './names';
import { OrderCard } from './OrderCard';
import { Plan } from './Plan';
import { Taskings } from './Taskings';
import { Timeline } from './Timeline';
import { useWhole } from './useWhole';

interface Props {
  readonly room: Room;
  readonly sight: Sight | null;
  /** Whose room this is. */
  readonly agency: string;
  readonly clock: DeskClock;
  readonly planning: boolean;
  readonly logBox: RefObject<HTMLInputElement | null>;
  readonly actions: readonly Command[];
  readonly refused: string | null;
  readonly onWhy: () => void;
  readonly onRun: (command: Command['id']) => void;
}

const NOTHING: readonly never[] = [];

export function IncidentPane({ room, sight, agency, clock, planning, logBox, actions, refused, onWhy, onRun }: Props) {
  const { t } = useText();
  const reading = useWhole(sight?.id ?? null, room.stale, turnOf(room.forgotten, [sight?.offender ?? null, sight?.victim ?? null]));
  if (sight === null) {
    return (
      <section className="c-incident" aria-label={t.incident.title}>
        <p className="j-empty">{t.incident.none}</p>
      </section>
    );
  }
  const said = room.said.get(sight.id) ?? NOTHING;
  return (
    <section className="c-incident" aria-label={t.incident.title}>
      <Head said={said} pair={room.pairs.get(sight.id) ?? null} sight={sight} clock={clock} />
      <div className="c-actions">
        {actions.map((one) => <Action key={one.id} id={one.id} hotkey={one.key} ready={one.ready} onRun={onRun} />)}
      </div>
      {refused ? <p className="j-error" role="alert">{refused}</p> : null}
      {reading.state === 'loading' ? <p className="j-empty" role="status">{t.incident.loading}</p> : null}
      {reading.state === 'failed' ? <p className="j-error" role="alert">{t.incident.failed}</p> : null}
      {reading.state === 'ready' ? (
        <>
          <Taskings whole={reading.whole} units={room.units} unitsAt={room.unitsAt} limits={room.limits} clock={clock} />
          {planning ? <Plan whole={reading.whole} room={room} /> : null}
          <OrderCard sight={sight} onWhy={onWhy} />
          <Timeline whole={reading.whole} said={said} silent={room.silences.get(sight.id) ?? NOTHING} agency={agency} clock={clock} logBox={logBox} />
        </>
      ) : null}
    </section>
  );
}

interface HeadProps {
  readonly said: readonly Saying[];
  readonly pair: PairFrame | null;
  readonly sight: Sight;
  readonly clock: DeskClock;
}

const Head = memo(({ said, pair, sight, clock }: HeadProps) => {
  const { t, language } = useText();
  const alert = alertOf(said, sight);
  const why = reasonOf(t, alert);
  const contact = contactOf(pair);
  return (
    <header className="c-incident-head" data-tone={toneOf(sight.priority)}>
      <div className="c-line">
        <span className="c-code" data-tone={toneOf(sight.priority)}>{sight.code ?? '—'}</span>
        <h2>{alertName(alert, language)}</h2>
      </div>
      <div className="c-line">
        <StateBadge state={sight.state} />
        {sight.dispatch_code === null ? null : <strong>{t.incident.code112(sight.dispatch_code)}</strong>}
        <span>{sight.grade === 'evidence' ? t.incident.evidence : t.incident.notProof}</span>
        {sight.cleared_at === null ? null : <span className="j-dim">{t.queue.cleared}</span>}
      </div>
      <div className="c-line">
        <span><Shape name="offender" size={14} /> {t.sides.offender} {label(t, sight.offender_label) ?? '—'} <Aged pair={pair} side="offender_age_s" clock={clock} /></span>
        <span><Shape name="victim" size={14} /> {t.sides.victim} {label(t, sight.victim_label) ?? t.queue.place} <Aged pair={pair} side="victim_age_s" clock={clock} /></span>
      </div>
      {alert && why ? <p className="c-why"><span className="j-num">{face(alert.decided_at)}</span> {why}</p> : null}
      {pair && pair.distance_m !== null ? (
        <div className="c-figures j-num">
          <span><strong>{metres(t, pair.distance_m)}</strong> {pair.sigma_m === null ? null : <Doubt sigmas={[pair.sigma_m]} />}</span>
          {contact === null ? null : (
            <span data-walking={contact.walking}>
              <strong>{clockface(contact.seconds)}</strong> {contact.walking ? t.incident.ifWalks : t.queue.contactIn}
            </span>
          )}
        </div>
      ) : null}
    </header>
  );
});

const LABELS = { take: 'take', plan: 'plan', mute: 'mute', close: 'close' } as const;

interface ActionProps {
  readonly id: Command['id'];
  readonly hotkey: string;
  readonly ready: boolean;
  readonly onRun: (command: Command['id']) => void;
}

const Action = memo(({ id, hotkey, ready, onRun }: ActionProps) => {
  const { t } = useText();
  const main = id === 'take' && ready;
  return (
    <Button
      variant={main ? 'filled' : 'default'} className={main ? 'j-main' : ''} size="sm" disabled={!ready} onClick={() => onRun(id)}
      aria-keyshortcuts={hotkey}
    >
      {id === 'take' && !ready ? t.incident.taken : t.incident[LABELS[id as keyof typeof LABELS]]}
      <kbd aria-hidden="true">{hotkey === 'Enter' ? '⏎' : hotkey.toUpperCase()}</kbd>
    </Button>
  );
});
