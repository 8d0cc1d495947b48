/** Who is meant: by name where one may be known, and by as much of the id as a person needs, whole where it is asked for. */
import { short } from '../../ui/access';
import { useText } from '../../ui/text';
import { useName } from './names';

interface Props {
  readonly id: string;
  /** Whose own id this may be. */
  readonly own?: string;
  readonly whole?: boolean;
}

/** What no account did stands under this one. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export function Id({ id, own, whole = false }: Props) {
  const { t } = useText();
  const name = useName(id);
  if (id === NOBODY) return <strong>{t.access.system}</strong>;
  return (
    <span className="j-num a-id" title={id} translate="no">
      {name === null ? null : <><strong data-weight="written">{name}</strong> </>}
      <span lang="und" className={name === null || whole ? '' : 'j-dim'}>{whole ? id : `…${short(id)}`}</span>
      {own === id ? ` (${t.access.you})` : null}
    </span>
  );
}
