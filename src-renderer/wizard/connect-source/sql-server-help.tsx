import { CopyBlock } from '../../ui/copy-block.tsx';
import { ExternalLink } from '../../ui/external-link.tsx';
import { HelpSection } from '../../ui/help-pane.tsx';

/** What the source page needs for SQL Server, and who usually has it. */
export function SqlServerHelp() {
  return (
    <>
      <HelpSection title="What is needed">
        <p>
          Host and port of the server, or its named instance, the database, and a user that may read the tables. The
          database administrator has them.
        </p>
      </HelpSection>
      <HelpSection title="A user for the migration">
        <p>These statements make a login that reads one database and nothing else.</p>
        <CopyBlock label="SQL for SQL Server" text={GRANTS} maxHeight={220} />
      </HelpSection>
      <HelpSection title="A consistent view of each table">
        <p>
          Where the database allows SNAPSHOT isolation, each part of a table is read as it was at one moment, without
          locks. The administrator allows it with this statement.
        </p>
        <CopyBlock label="Allow snapshot isolation" text={SNAPSHOT} />
      </HelpSection>
      <HelpSection title="Network">
        <p>
          The port of a default instance is 1433. A named instance is looked up through SQL Server Browser (UDP 1434);
          where a firewall blocks that, enter the port of the instance instead.
        </p>
      </HelpSection>
      <HelpSection title="Read more">
        <p>
          <ExternalLink url="https://learn.microsoft.com/sql/relational-databases/security/authentication-access/create-a-login">
            Logins
          </ExternalLink>
        </p>
        <p>
          <ExternalLink url="https://learn.microsoft.com/sql/database-engine/configure-windows/configure-sql-server-encryption">
            Encryption and certificates
          </ExternalLink>
        </p>
      </HelpSection>
    </>
  );
}

const GRANTS = `CREATE LOGIN migration_reader WITH PASSWORD = '<password>';
USE [<database>];
CREATE USER migration_reader FOR LOGIN migration_reader;
ALTER ROLE db_datareader ADD MEMBER migration_reader;
GRANT VIEW DEFINITION TO migration_reader;
GRANT VIEW DATABASE STATE TO migration_reader;`;

const SNAPSHOT = 'ALTER DATABASE [<database>] SET ALLOW_SNAPSHOT_ISOLATION ON;';
