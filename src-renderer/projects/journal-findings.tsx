import { useQuery } from '@tanstack/react-query';
import { formatCount } from '#shared/format/count';
import { journalFindingsQuery } from '../api/run.ts';
import { Notice } from '../ui/notice.tsx';
import classes from './unfinished-runs.module.css';

/** What was wrong with the journal when the app started, and what became of it. Nothing when all was well. */
export function JournalFindings() {
  const findings = useQuery(journalFindingsQuery());
  if (findings.data === undefined || findings.data.length === 0) return null;
  const notices = findings.data.map(({ at, detail, setAside, rebuiltRuns, lostRuns }) => (
    <Notice key={at} tone="warning" title="The journal of this computer was damaged">
      <p>
        {detail}. {rebuiltSentence(rebuiltRuns.length, lostRuns.length)} What is loaded is read from the ledger in
        Snowflake before a run goes on: nothing is loaded twice.
      </p>
      {setAside.length > 0 && (
        <>
          <p>The damaged files were set aside:</p>
          <ul className={classes.paths}>
            {setAside.map((path) => (
              <li key={path}>{path}</li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  ));
  return <div className={classes.findings}>{notices}</div>;
}

function rebuiltSentence(rebuilt: number, lost: number): string {
  const runs = (count: number) => `${formatCount(count)} ${count === 1 ? 'run was' : 'runs were'}`;
  const first = rebuilt === 0 ? 'No run had to be rebuilt.' : `${runs(rebuilt)} rebuilt from their plans.`;
  return lost === 0 ? first : `${first} ${runs(lost)} lost: the plans could not be read.`;
}
