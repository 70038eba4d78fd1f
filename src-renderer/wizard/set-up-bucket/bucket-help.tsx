import { useQuery } from '@tanstack/react-query';
import { policiesQuery } from '../../api/staging.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { ExternalLink } from '../../ui/external-link.tsx';
import { HelpSection } from '../../ui/help-pane.tsx';
import { usableUri } from './bucket-form.ts';

/** What the bucket page needs, with both IAM policies filled in for the URI. */
export function BucketHelp({ s3Uri }: { s3Uri: string }) {
  const uri = usableUri(s3Uri);
  const policies = useQuery({ ...policiesQuery(uri ?? EXAMPLE_URI), placeholderData: (known) => known });
  const isExample = uri === null;
  return (
    <>
      <HelpSection title="What is needed">
        <ul>
          <li>A bucket in the region of the cluster, with an empty path.</li>
          <li>An IAM role that is associated with the cluster and may write there.</li>
          <li>A stage in Snowflake whose address covers the path.</li>
          <li>Access keys, when the files are to be deleted after loading.</li>
        </ul>
        <p>The AWS administrator has the first two, the Snowflake administrator the third.</p>
      </HelpSection>
      <HelpSection title="Policy of the unload role">
        <p>{isExample ? 'It is filled in once the URI is entered.' : 'Filled in for the URI of this page.'}</p>
        {policies.data !== undefined && (
          <CopyBlock label="Unload role" text={policies.data.unloadRole} maxHeight={200} />
        )}
      </HelpSection>
      <HelpSection title="Policy of the clean-up user">
        <p>Without s3:DeleteObject the files stay in the bucket even when the migration succeeds.</p>
        {policies.data !== undefined && (
          <CopyBlock label="Clean-up user" text={policies.data.cleanUpUser} maxHeight={200} />
        )}
      </HelpSection>
      <HelpSection title="Read more">
        <p>
          <ExternalLink url="https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html">UNLOAD</ExternalLink>
        </p>
        <p>
          <ExternalLink url="https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service.html">
            Roles of the cluster
          </ExternalLink>
        </p>
        <p>
          <ExternalLink url="https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration">
            Storage integrations for S3
          </ExternalLink>
        </p>
      </HelpSection>
    </>
  );
}

const EXAMPLE_URI = 's3://your-bucket/your-path/';
