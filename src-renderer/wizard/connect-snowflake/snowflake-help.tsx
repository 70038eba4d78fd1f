import { CopyBlock } from '../../ui/copy-block.tsx';
import { ExternalLink } from '../../ui/external-link.tsx';
import { HelpSection } from '../../ui/help-pane.tsx';

/** What the Snowflake page needs; the statements are filled in with what is typed. */
export function SnowflakeHelp({ user, role, warehouse }: { user: string; role: string; warehouse: string }) {
  return (
    <>
      <HelpSection title="What is needed">
        <p>
          The account identifier (in Snowsight: account menu, View account details), a user, a warehouse, and a role
          that may write to the target schema. The account administrator has them.
        </p>
      </HelpSection>
      <HelpSection title="A role for the migration">
        <p>An administrator runs these statements once, with the names of the target.</p>
        <CopyBlock
          label="SQL for Snowflake"
          text={grants(role || 'MIGRATOR', warehouse || 'LOAD_WH', user || '<user>')}
        />
      </HelpSection>
      <HelpSection title="Which way to sign in">
        <p>
          A key pair or a programmatic access token suits long runs: neither asks for a second factor while tables are
          loaded. A token needs a network policy for its user.
        </p>
      </HelpSection>
      <HelpSection title="Read more">
        <p>
          <ExternalLink url="https://docs.snowflake.com/en/user-guide/admin-account-identifier">
            Account identifiers
          </ExternalLink>
        </p>
        <p>
          <ExternalLink url="https://docs.snowflake.com/en/user-guide/key-pair-auth">
            Key-pair authentication
          </ExternalLink>
        </p>
        <p>
          <ExternalLink url="https://docs.snowflake.com/en/user-guide/programmatic-access-tokens">
            Programmatic access tokens
          </ExternalLink>
        </p>
      </HelpSection>
    </>
  );
}

function grants(role: string, warehouse: string, user: string): string {
  const quote = (name: string) =>
    /^[A-Z_][A-Z0-9_$]*$/.test(name) || name.startsWith('<') ? name : `"${name.replaceAll('"', '""')}"`;
  const [roleName, warehouseName, userName] = [quote(role), quote(warehouse), quote(user)];
  return `CREATE ROLE IF NOT EXISTS ${roleName};
GRANT USAGE, OPERATE ON WAREHOUSE ${warehouseName} TO ROLE ${roleName};
GRANT CREATE DATABASE ON ACCOUNT TO ROLE ${roleName};
GRANT USAGE ON DATABASE <database> TO ROLE ${roleName};
GRANT USAGE, CREATE TABLE, CREATE STAGE ON SCHEMA <database>.<schema> TO ROLE ${roleName};
GRANT ROLE ${roleName} TO USER ${userName};`;
}
