import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { openExternal } from '../api/app.ts';
import { ExternalOpenerContext } from '../ui/external-link.tsx';
import { AppPreferences, colorSchemeManager } from './app-preferences.tsx';
import { CloseDialog } from './close-dialog.tsx';
import { FaultBoundary } from './fault-boundary.tsx';
import { MenuCommands } from './menu-commands.tsx';
import { Pages } from './pages.tsx';
import { cssVariables, theme } from './theme.ts';

/** The whole window. */
export function App({ queryClient }: { queryClient: QueryClient }) {
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        colorSchemeManager={colorSchemeManager}
        getStyleNonce={styleNonce}
      >
        <ExternalOpenerContext value={openExternal}>
          <FaultBoundary>
            <AppPreferences>
              <Pages />
              <MenuCommands />
              <CloseDialog />
            </AppPreferences>
          </FaultBoundary>
        </ExternalOpenerContext>
      </MantineProvider>
    </QueryClientProvider>
  );
}

/** The nonce that main put into the page: the content security policy lets only styles with it in. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}
