import { z } from 'zod';

export const appSettingsSchema = z.object({
  colorScheme: z.enum(['system', 'light', 'dark']).default('system'),
  isHelpOpen: z.boolean().default(true),
});
export type AppSettings = z.infer<typeof appSettingsSchema>;
