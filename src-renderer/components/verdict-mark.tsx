import type { Verdict } from '@shared/market';
import { useId } from 'react';

export interface VerdictMarkProps {
  verdict: Verdict;
}

/** The mark of a verdict as on the strips, in the size of text. */
export function VerdictMark({ verdict }: VerdictMarkProps) {
  return (
    <svg className={`verdict-mark verdict-${verdict}`} viewBox="0 0 20 16" width="20" height="16" aria-hidden="true">
      <Shape verdict={verdict} />
    </svg>
  );
}

function Shape({ verdict }: VerdictMarkProps) {
  const id = useId();
  switch (verdict) {
    case 'present':
      return <rect x="0" y="4" width="20" height="12" fill="currentColor" />;
    case 'exchange_outage':
    case 'symbol_halt':
      return (
        <>
          <clipPath id={id}>
            <rect x="0" y="4" width="20" height="12" />
          </clipPath>
          <path
            clipPath={`url(#${id})`}
            d={
              verdict === 'exchange_outage'
                ? 'M-6 18 10 2M0 18 16 2M6 18 22 2M12 18 28 2'
                : 'M-6 2 10 18M0 2 16 18M6 2 22 18M12 2 28 18'
            }
            stroke="currentColor"
            strokeWidth="1.5"
          />
        </>
      );
    case 'confirmed_absent':
      return <path d="M2 6h16M4 10h16M2 14h16" stroke="currentColor" strokeWidth="1.8" strokeDasharray="1.8 2.6" />;
    case 'not_listed_yet':
      return <path d="M0 15.5h17M14 4.5h3.5v11" stroke="currentColor" fill="none" />;
    case 'delisted':
      return <path d="M20 15.5H3M6 4.5H2.5v11" stroke="currentColor" fill="none" />;
    case 'not_closed_yet':
      return <path d="M20 4.5H.5v11H20" stroke="currentColor" fill="none" />;
    case 'not_asked':
      return <rect x=".5" y="4.5" width="19" height="11" fill="none" stroke="currentColor" strokeDasharray="2 2" />;
    case 'fetch_failed':
      return <path d="M.5 4.5h19v11H.5zM6 6.5l8 7M14 6.5l-8 7" stroke="currentColor" fill="none" />;
    case 'unexplained':
      return <path d="M6 0h8v16H6z" fill="currentColor" />;
  }
}
