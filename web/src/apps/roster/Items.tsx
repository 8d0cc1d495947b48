/** What is open, one line each, the gravest first. It must never say whose it is about: the queue does, to whoever may see it. */
import type { Open } from '../../protocol/http';
import { short } from '../../ui/access';
import { clock } from '../../ui/format';
import { useText } from '../../ui/text';

export function Items({ open }: { readonly open: readonly Open[] }) {
  const { t } = useText();
  return (
    <ul className="r-list">
      {open.map((one) => (
        <li key={one.tasking ?? one.incident} className="r-line">
          <span className="r-mark" data-late={one.priority === 0}>{t.roster.item.priority(one.priority)}</span>
          <span>{one.tasking === null ? t.roster.item.incident : t.roster.item.tasking} <span className="j-num" data-weight="written">{short(one.incident)}</span></span>
          <span className="j-num">{t.roster.item.since(clock(one.opened_at).slice(0, 5))}</span>
        </li>
      ))}
    </ul>
  );
}
