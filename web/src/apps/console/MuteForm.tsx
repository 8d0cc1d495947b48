/** Why a sound is muted; it ends by itself. It must never mute without a reason. */
import { Button, Modal } from '@mantine/core';
import { memo } from 'react';
import { useText } from '../../ui/text';

interface Props {
  readonly opened: boolean;
  readonly onMute: (why: string) => void;
  readonly onCancel: () => void;
}

const REASONS = ['calling', 'working', 'known'] as const;

export const MuteForm = memo(({ opened, onMute, onCancel }: Props) => {
  const { t } = useText();
  return (
    <Modal
      opened={opened} onClose={onCancel} title={t.muteForm.title} lockScroll={false} transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t.muteForm.cancel }}
    >
      <p>{t.muteForm.lead}</p>
      <div className="c-form" role="group" aria-label={t.muteForm.why}>
        {REASONS.map((why) => (
          <Button key={why} variant="default" size="md" onClick={() => onMute(why)}>{t.muteForm.reasons[why]}</Button>
        ))}
        <Button variant="subtle" color="gray" onClick={onCancel}>{t.muteForm.cancel}</Button>
      </div>
    </Modal>
  );
});
