/** The order behind an incident: what it rests on, and whether its breach allows an arrest. It must never guess that. */
import { Button } from '@mantine/core';
import { memo } from 'react';
import type { Sight } from '../../protocol/http';
import { metres } from '../../ui/format';
import { useText } from '../../ui/text';

export const OrderCard = memo(({ sight, onWhy }: { readonly sight: Sight; readonly onWhy: () => void }) => {
  const { t } = useText();
  const arrest =
    sight.arrestable === null ? t.incident.arrestUnknown : sight.arrestable ? t.incident.arrestable : t.incident.notArrestable;
  return (
    <section className="c-box">
      <h3>{t.incident.order}</h3>
      <p><strong>{arrest}</strong></p>
      <p lang="ko">{sight.article ?? '—'}</p>
      <p>
        {sight.radius_m === null ? null : t.incident.radius(metres(t, sight.radius_m))}
        {sight.station_name ? ` · ${t.incident.ground}: ${sight.station_name}` : null}
      </p>
      <Button variant="default" size="compact-md" onClick={onWhy} aria-keyshortcuts="y">{t.access.file.why}</Button>
    </section>
  );
});
