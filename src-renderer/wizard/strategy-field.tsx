import type { Project } from '#shared/model/project';
import { errorValueOf } from '../api/client.ts';
import { useUpdateProject } from '../api/projects.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import { FormSection, RadioField } from '../ui/fields.tsx';

/** The two ways of rows out of Redshift, with what each costs. Without a bucket the page that sets it up goes away. */
export function StrategyField({ project }: { project: Project }) {
  const update = useUpdateProject(project.id);
  return (
    <FormSection title="The way of the rows">
      <RadioField
        name="strategy"
        label="How rows leave Redshift"
        value={project.strategy}
        onChange={(value) => update.mutate({ strategy: value === 'regular' ? 'regular' : 'unload' })}
        options={STRATEGY_OPTIONS}
      />
      {update.error !== null && <ErrorCard error={errorValueOf(update.error)} />}
    </FormSection>
  );
}

const STRATEGY_OPTIONS = [
  {
    value: 'unload',
    label: 'Unload to S3 (recommended)',
    help: 'The cluster writes the files into your bucket and Snowflake loads them from there. Nothing passes through this computer, so any size works. It needs a bucket, an IAM role and a stage, and costs S3 storage until the files are deleted.',
  },
  {
    value: 'regular',
    label: 'Through this computer, without a bucket',
    help: 'Snowferry reads the rows, writes compressed files into a temporary directory and uploads them to a stage inside Snowflake. It needs no AWS set-up. The network of this computer sets the speed, results pass through the leader node of the cluster, AWS charges for data that leaves its region, and the computer has to stay on.',
  },
] as const;
