import { UnstyledButton } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { createContext, useContext, type ReactNode } from 'react';
import classes from './external-link.module.css';

/** How a page of a vendor is opened; the app provides it. */
export const ExternalOpenerContext = createContext<(url: string) => void>(() => undefined);

/** A link that opens in the system's browser: `<ExternalLink url="https://docs.snowflake.com/...">CREATE STAGE</ExternalLink>`. */
export function ExternalLink({ url, children }: { url: string; children: ReactNode }) {
  const open = useContext(ExternalOpenerContext);
  return (
    <UnstyledButton role="link" className={classes.link} onClick={() => open(url)} title={url}>
      {children}
      <IconExternalLink size={14} aria-hidden />
      <span className={classes.hidden}> (opens in the browser)</span>
    </UnstyledButton>
  );
}
