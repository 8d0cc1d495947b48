/** The band over every page of an exercise: that it is one, its pace, and that its story is over. It must never be hidden while
 * anything is played. */
import { useEffect, useState } from 'react';
import { desk, type Site } from '../protocol/http';
import { PATHS, withCode } from './routes';
import { useText } from './text';

const EVERY_MS = 10_000;

export function ExerciseBand({ site }: { readonly site: Site | null }) {
  const { t } = useText();
  const exercise = site?.exercise ?? false;
  const over = useOver(exercise, site?.over ?? false);
  if (!site || !exercise) return null;
  const pace = site.pace ? ` · ${t.exercisePace(site.pace)}` : '';
  return (
    <div className="j-exercise" role="note">
      {t.exerciseLong}{pace}
      {over ? <> · <a href={withCode(PATHS.doors)}>{t.exerciseOver}</a></> : null}
    </div>
  );
}

/** Whether the story is over: a page that shows an exercise is open for long, and nobody there sees the page of doors. */
function useOver(exercise: boolean, before: boolean): boolean {
  const [over, setOver] = useState<boolean | null>(null);
  useEffect(() => {
    if (!exercise) return;
    const timer = window.setInterval(() => {
      desk.site().then((said) => setOver(said.over), () => undefined);
    }, EVERY_MS);
    return () => window.clearInterval(timer);
  }, [exercise]);
  return over ?? before;
}
