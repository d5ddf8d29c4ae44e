export { replaceFile } from './replace-file';
