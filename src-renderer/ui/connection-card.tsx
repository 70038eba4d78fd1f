import { formatDuration } from '#shared/format/duration';
import type { ConnectionReport } from '#shared/model/check';
import { CheckList } from './check-list.tsx';
import { KeyFacts } from './key-facts.tsx';
import { Notice } from './notice.tsx';
import { StatusIcon } from './status-badge.tsx';
import classes from './connection-card.module.css';

/** What "Test connection" reached: server, version, user, time, rights and remarks. `isStale` says that settings changed since. */
export function ConnectionCard({ report, isStale = false }: { report: ConnectionReport; isStale?: boolean }) {
  const isMissing = report.rights.some((right) => right.state === 'failed');
  const facts = [
    { label: 'Server', value: report.server },
    { label: 'Version', value: report.version },
    { label: 'Signed in as', value: report.user },
    ...report.facts.filter(({ label }) => !HEADED.has(label)),
  ];
  return (
    <section
      className={classes.card}
      role="status"
      aria-label="Result of the connection test"
      data-stale={isStale}
      data-missing={isMissing}
    >
      <header className={classes.header}>
        <StatusIcon tone={isStale ? 'waiting' : isMissing ? 'warning' : 'ok'} size={20} />
        <strong>{headline(isStale, isMissing)}</strong>
        <span className={classes.time}>{formatDuration(report.elapsedMs)}</span>
      </header>
      <KeyFacts facts={facts} />
      {report.warnings.map((warning) => (
        <Notice key={warning} tone="warning">
          {warning}
        </Notice>
      ))}
      {report.rights.length > 0 && (
        <div>
          <p className={classes.rightsTitle}>Rights that this project needs</p>
          <CheckList label="Rights that this project needs" checks={report.rights} />
        </div>
      )}
    </section>
  );
}

/** Facts that stand above, or at the side of the headline, already. */
const HEADED: ReadonlySet<string> = new Set(['Server', 'Version', 'User', 'Latency']);

function headline(isStale: boolean, isMissing: boolean): string {
  if (isStale) return 'Connected before the settings were changed';
  return isMissing ? 'Connected, but rights are missing' : 'Connected';
}
