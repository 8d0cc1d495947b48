/** An id as far as a person needs it, whole where it is asked for. It must never be a name: this page knows people by id. */
import { short } from '../../ui/access';
import { useText } from '../../ui/text';

interface Props {
  readonly id: string;
  /** Whose own id this may be. */
  readonly own?: string;
  readonly whole?: boolean;
}

export function Id({ id, own, whole = false }: Props) {
  const { t } = useText();
  return (
    <span className="j-num a-id" title={id} translate="no">
      <span lang="und">{whole ? id : `…${short(id)}`}</span>
      {own === id ? ` (${t.access.you})` : null}
    </span>
  );
}
