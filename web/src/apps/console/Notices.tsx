/** Calls for help, alerts about ourselves, and what both rooms must learn: over everything for two minutes, then in a list one
 * key away. It must never be the only place where something stood. */
import { Modal } from '@mantine/core';
import { memo } from 'react';
import type { Message } from '../../protocol/frames';
import { gravity, standing } from '../../state/notices';
import type { Row } from '../../state/queue';
import type { Saying } from '../../state/room';
import { deskNow, type DeskClock } from '../../state/time';
import { Age } from '../../ui/Age';
import { clock as face } from '../../ui/format';
import { useLocalSecond } from '../../ui/hooks';
import { PATHS } from '../../ui/routes';
import { type Language, type Text, useText } from '../../ui/text';
import { toneOf } from '../../ui/tokens';
import { alertName, reasonOf } from './names';
import { page } from './timeline';

interface Props {
  readonly all: readonly Saying[];
  readonly rows: readonly Row[];
  readonly clock: DeskClock;
  readonly agency: string;
}

export function Notices({ all, rows, clock, agency }: Props) {
  const { t, language } = useText();
  const shown = standing(all, rows, deskNow(clock, useLocalSecond()));
  if (shown.length === 0) return null;
  return (
    <div role="alert">
      <ul className="c-notices">
        {shown.map((one) => (
          <li key={keyOf(one)} data-tone={tone(one.message)}>
            <strong>{sentence(one.message, agency, t, language)}</strong> <Calling message={one.message} /> <Age at={one.at} clock={clock} promise={Infinity} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface ListProps extends Omit<Props, 'rows'> {
  readonly opened: boolean;
  readonly onClose: () => void;
}

export const NoticeList = memo(({ all, clock, agency, opened, onClose }: ListProps) => {
  const { t, language } = useText();
  return (
    <Modal
      opened={opened} onClose={onClose} title={t.notices.title} size="lg" lockScroll={false} transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t.commands.close_list }}
    >
      {all.length === 0 ? <p>{t.notices.none}</p> : null}
      <ol className="c-timeline c-noticed" data-testid="notices">
        {all.map((one) => (
          <li key={keyOf(one)} data-tone={tone(one.message)}>
            <span className="j-num">{face(one.at)}</span>
            <span>{sentence(one.message, agency, t, language)} <Calling message={one.message} /></span>
            <span className="j-dim"><Age at={one.at} clock={clock} promise={Infinity} /></span>
          </li>
        ))}
      </ol>
    </Modal>
  );
});

/** Where a call back is recorded: beside the queue, never in its place. */
function Calling({ message }: { readonly message: Message }) {
  const { t } = useText();
  if (message.kind !== 'page' || !message.body.why.startsWith('call-back')) return null;
  return <a href={PATHS.consent} target="_blank" rel="noopener">{t.asked.callsTitle}</a>;
}

function keyOf({ at, message }: Saying): string {
  return `${at}:${message.incident}:${message.seq}`;
}

function tone(message: Message): string {
  const grave = gravity(message);
  return message.kind === 'page' && grave > 0 ? 'watch' : toneOf(grave);
}

function sentence(message: Message, agency: string, t: Text, language: Language): string {
  if (message.kind === 'page') return page(t, message.body, agency);
  if (message.kind === 'alert') return [`${message.body.code} ${alertName(message.body, language)}`, reasonOf(t, message.body)].filter(Boolean).join(' · ');
  return t.events.degraded;
}
