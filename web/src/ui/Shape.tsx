/** Shapes that say a state or a side without colour. It must never rely on the colour it is drawn in. */
import type { ReactNode } from 'react';

const SHAPES: Record<string, ReactNode> = {
  ring: <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" />,
  half: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </>
  ),
  triangle: <path d="M8 1.5 15 14H1z" fill="currentColor" />,
  diamond: <path d="M8 .8 15.2 8 8 15.2.8 8z" fill="currentColor" />,
  octagon: <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" />,
  contact: (
    <>
      <circle cx="5.2" cy="8" r="4.7" fill="currentColor" />
      <circle cx="10.8" cy="8" r="4.7" fill="none" stroke="currentColor" strokeWidth="1.8" />
    </>
  ),
  question: (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="3 2" />
      <path d="M5.6 6.3c0-3.2 5-3 5 .1 0 1.9-2.4 2-2.4 3.6M8.2 12.2v.6" fill="none" stroke="currentColor" strokeWidth="1.8" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="2 2" />
      <path d="M8 4.5V8l2.5 2" fill="none" stroke="currentColor" strokeWidth="1.8" />
    </>
  ),
  struck: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M3.5 12.5l9-9" stroke="currentColor" strokeWidth="2" />
    </>
  ),
  pause: <path d="M4 2.5h3v11H4zM9 2.5h3v11H9z" fill="currentColor" />,
  tick: <path d="M2 8.5l4 4 8-9" fill="none" stroke="currentColor" strokeWidth="2.4" />,
  offender: <path d="M8 .8 15.2 8 8 15.2.8 8z" fill="currentColor" />,
  victim: <circle cx="8" cy="8" r="6.5" fill="currentColor" />,
  police: <path d="M8 1l6.5 2.3v4.2c0 3.6-2.6 6.2-6.5 7.5-3.9-1.3-6.5-3.9-6.5-7.5V3.3z" fill="currentColor" />,
  probation: <rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2" fill="currentColor" />,
};

export function Shape({ name, size = 16 }: { readonly name: string; readonly size?: number }) {
  return (
    <svg className="j-shape" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[name]}
    </svg>
  );
}
