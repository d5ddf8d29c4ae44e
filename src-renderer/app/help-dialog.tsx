import { VERDICTS } from '@shared/market';
import { openDialog, useWindow } from '../client';
import { Dialog, VERDICT_WORDS, VerdictMark } from '../components';
import { KEY_LIST } from './keyboard';

/** Keys, and what the marks mean. */
export function HelpDialog() {
  const version = useWindow((state) => state.app?.version);
  return (
    <Dialog title="Keys and marks" onClose={() => openDialog(null)} className="help" testId="help-dialog">
      <div className="help-body">
        <div className="help-keys">
          {KEY_LIST.map((group) => (
            <section key={group.title}>
              <h3>{group.title}</h3>
              <dl>
                {group.entries.map((entry) => (
                  <div key={entry.does}>
                    <dt>
                      {entry.keys.map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{entry.does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <section className="help-marks">
          <h3>Marks</h3>
          <dl>
            {VERDICTS.map((verdict) => (
              <div key={verdict} className={`verdict-${verdict}`}>
                <dt>
                  <VerdictMark verdict={verdict} />
                  {VERDICT_WORDS[verdict].name}
                </dt>
                <dd className="dim">{VERDICT_WORDS[verdict].meaning}</dd>
              </div>
            ))}
          </dl>
          <p className="dim">The bar under the time axis is what the chart shows.</p>
          <p className="faint">
            All times are UTC. {version && `Tapemend ${version}. `}Charts: TradingView Lightweight Charts.
          </p>
        </section>
      </div>
    </Dialog>
  );
}
