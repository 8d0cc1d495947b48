/** What `?` shows: every command, its key, and why it may not run now. */
import { Kbd, Modal } from '@mantine/core';
import { memo } from 'react';
import { type Command, may } from './commands';
import { useText } from './text';

const SHOWN: Record<string, string> = { Enter: '⏎' };

interface Props {
  readonly commands: readonly Command[];
  readonly role: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export const CommandList = memo(({ commands, role, opened, onClose }: Props) => {
  const { t } = useText();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t.commands.title}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t.commands.close_list }}
      transitionProps={{ duration: 0 }}
    >
      <dl className="j-commands">
        {commands.map((one) => (
          <div key={one.id} data-ready={one.ready && may(one, role)}>
            <dt>
              <Kbd>{SHOWN[one.key] ?? one.key.toUpperCase()}</Kbd>
            </dt>
            <dd>
              {t.commands[one.id]}
              {may(one, role) ? (one.ready ? null : <em> · {t.commands.notNow}</em>) : <em> · {t.commands.notYours}</em>}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
});
