/** The two switches every page has: language, and day or night. */
import { Button } from '@mantine/core';
import { useDaylight } from './Shell';
import { useText } from './text';

export function Turns() {
  const { t, turn, language } = useText();
  const daylight = useDaylight();
  return (
    <div className="j-turns">
      <Button variant="default" size="compact-md" onClick={turn} lang={language === 'ko' ? 'en' : 'ko'}>
        {t.language_switch}
      </Button>
      <Button variant="default" size="compact-md" onClick={daylight.turn}>
        {daylight.night ? t.day : t.night}
      </Button>
    </div>
  );
}
