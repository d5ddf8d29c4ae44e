export { replaceFile } from './replace-file';
export { isWriteFailure, writeFailure } from './write-failure';
