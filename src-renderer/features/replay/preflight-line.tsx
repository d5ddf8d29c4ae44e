import { Check, Download, TriangleAlert } from 'lucide-react';
import { fetchWords, preflightWords } from './preflight-words';
import type { PreflightState } from './use-preflight';

/** Before a replay: whether its range has every bar, and the button that fetches what is missing. */
export function PreflightLine({ state, connected }: { state: PreflightState; connected: boolean }) {
  const { preflight, failure, fetching } = state;
  if (failure)
    return (
      <span className="tm-preflight is-missing" role="alert" data-testid="preflight-failure">
        {failure}
      </span>
    );
  if (!preflight) return null;
  return (
    <>
      <span
        className={preflight.ready ? 'tm-preflight' : 'tm-preflight is-missing'}
        role="status"
        data-testid="preflight"
        data-holes={preflight.holes}
      >
        {preflight.ready ? <Check aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
        {preflightWords(preflight)}
      </span>
      {preflight.ready ? null : (
        <button
          type="button"
          className="tm-start tm-start-quiet"
          data-testid="preflight-fetch"
          disabled={!connected || fetching}
          onClick={() => void state.fetch()}
        >
          <Download className="tm-line-icon" aria-hidden="true" />
          {fetching ? 'Fetching…' : fetchWords(preflight)}
        </button>
      )}
    </>
  );
}
