export { type PageFile, resolvePageFile } from './page-file';
export { CONTENT_SECURITY_POLICY, PAGE_HEADERS } from './page-headers';
