import { shell } from 'electron';
import { isExternalUrl } from './navigation';

/** The one way out of the app. Hands on the parsed URL, so that what was checked is what is opened. */
export async function openExternal(url: string): Promise<void> {
  if (isExternalUrl(url)) await shell.openExternal(new URL(url).href);
}
