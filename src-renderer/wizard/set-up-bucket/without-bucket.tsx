import { Button } from '@mantine/core';
import { useUpdateProject } from '../../api/projects.ts';
import { Notice } from '../../ui/notice.tsx';
import type { StepPageProps } from '../step-page.ts';

/** The way out for a user who has no bucket: the rows then travel through this computer, and this page goes away. */
export function WithoutBucket({ project, goTo }: Pick<StepPageProps, 'project' | 'goTo'>) {
  const update = useUpdateProject(project.id);
  const change = () => update.mutate({ strategy: 'regular' }, { onSuccess: () => goTo('tables') });
  return (
    <Notice tone="waiting" title="No bucket at hand?">
      <p>
        The rows can also travel through this computer: slower, at the price of data that leaves AWS, and with nothing
        to set up here. The choice can be changed on the page of the source.
      </p>
      <div>
        <Button size="xs" variant="default" loading={update.isPending} onClick={change}>
          Go on without a bucket
        </Button>
      </div>
    </Notice>
  );
}
