import '@mantine/core/styles.css';
import './ui/tokens.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { createQueryClient } from './app/query-client.ts';
import { subscribeToEvents } from './api/events.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');

const queryClient = createQueryClient();
subscribeToEvents(queryClient);
createRoot(root).render(<App queryClient={queryClient} />);
