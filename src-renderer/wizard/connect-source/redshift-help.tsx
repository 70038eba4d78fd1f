import { CopyBlock } from '../../ui/copy-block.tsx';
import { ExternalLink } from '../../ui/external-link.tsx';
import { HelpSection } from '../../ui/help-pane.tsx';

/** What the source page needs, and who usually has it. */
export function RedshiftHelp() {
  return (
    <>
      <HelpSection title="What is needed">
        <p>
          The endpoint of the cluster or workgroup, and a user that may read the tables. The endpoint is on the page of
          the cluster in the AWS console; the administrator of the warehouse has the user.
        </p>
      </HelpSection>
      <HelpSection title="A user for the migration">
        <p>These statements give a user the rights that are needed. Run them for each schema.</p>
        <CopyBlock label="SQL for Redshift" text={GRANTS} />
      </HelpSection>
      <HelpSection title="Network">
        <p>
          This machine has to reach the port of the cluster: through a VPN, or because the cluster is publicly
          accessible and its security group lets this address in.
        </p>
      </HelpSection>
      <HelpSection title="Read more">
        <p>
          <ExternalLink url="https://docs.aws.amazon.com/redshift/latest/mgmt/configuring-connections.html">
            Connections to Redshift
          </ExternalLink>
        </p>
        <p>
          <ExternalLink url="https://docs.aws.amazon.com/redshift/latest/mgmt/generating-user-credentials.html">
            Temporary credentials of IAM
          </ExternalLink>
        </p>
      </HelpSection>
    </>
  );
}

const GRANTS = `CREATE USER migration_reader PASSWORD '<password>';
GRANT USAGE ON SCHEMA public TO migration_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO migration_reader;`;
