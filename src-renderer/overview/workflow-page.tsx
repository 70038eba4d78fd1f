import { IconFileCode } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Project } from '#shared/model/project';
import { tableKey } from '#shared/model/table';
import { errorValueOf } from '../api/client.ts';
import { secretStatusQuery } from '../api/projects.ts';
import { tableTargetsQuery } from '../api/tables.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { FormSection } from '../ui/fields.tsx';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { connectionsFileOf } from './connections-file-of.ts';
import { notInWorkflowFile, workflowFileOf } from './workflow-file-of.ts';

/** The project as files for the command line. */
export function WorkflowPage({ project }: { project: Project }) {
  const isReady = project.selection.length > 0 && project.source !== null && project.snowflake !== null;
  return (
    <Page
      title="Workflow file"
      lead="The same migration without a window: two files for the command line, to run it on a server or from a schedule."
      layout="wide"
    >
      {isReady ? (
        <WorkflowFiles project={project} />
      ) : (
        <EmptyState icon={<IconFileCode size={40} stroke={1.5} />} title="There is no workflow yet">
          Connect the source and Snowflake and select tables: the files follow from that.
        </EmptyState>
      )}
    </Page>
  );
}

function WorkflowFiles({ project }: { project: Project }) {
  const refs = useMemo(() => project.selection.map(({ source }) => source), [project.selection]);
  const basis = JSON.stringify([project.targetRule, project.selection.map(({ target }) => target)]);
  const targets = useQuery(tableTargetsQuery(project.id, refs, basis));
  const secrets = useQuery(secretStatusQuery(project.id));
  if (targets.isError) {
    return <ErrorCard error={errorValueOf(targets.error)} onRetry={() => void targets.refetch()} />;
  }
  if (targets.data === undefined) return <Loading what="Looking up the names in Snowflake" />;
  const names = new Map(targets.data.map(({ source, target }) => [tableKey(source), target]));
  const lost = notInWorkflowFile(project);
  return (
    <>
      {lost.length > 0 && (
        <Notice tone="warning" title="Not everything fits into a workflow file">
          <ul>
            {lost.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Notice>
      )}
      <FormSection title="Run it">
        <CopyBlock label="Command line" text={COMMANDS} />
      </FormSection>
      <FormSection title="What is migrated" lead="By the property names of SnowConvert's workflow configuration.">
        <CopyBlock
          label="workflow.json"
          text={JSON.stringify(workflowFileOf(project, names), null, 2)}
          maxHeight={420}
        />
      </FormSection>
      <FormSection
        title="The connections"
        lead="Secrets are not written out: the file names the environment variables that hold them. Only its owner should be able to read the file."
      >
        <CopyBlock
          label="connections.json"
          text={connectionsFileOf(project, secrets.data?.isSet ?? {})}
          maxHeight={320}
        />
      </FormSection>
    </>
  );
}

const COMMANDS = `npm run snowferry -- plan workflow.json --connections connections.json
npm run snowferry -- run workflow.json --connections connections.json --json
npm run snowferry -- status workflow.json --connections connections.json`;
