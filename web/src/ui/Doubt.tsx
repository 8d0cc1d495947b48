/** The ± of a distance, and what it means. It must never mean anything but 95 %. */
import { within95 } from '../state/geo';
import { metres } from './format';
import { useText } from './text';

/** Sigmas per axis, both ends' of a distance. */
export function Doubt({ sigmas }: { readonly sigmas: readonly number[] }) {
  const { t } = useText();
  return <span className="j-num" title={t.doubt.means} data-testid="doubt">{t.doubt.within(metres(t, within95(...sigmas)))}</span>;
}
