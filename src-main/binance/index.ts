export { type ArchivePeriod, archiveFileName, archivePath, archiveRange } from './archive-period';
export { type ArchiveContent, type ArchiveRequest, readKlineArchive } from './archive-reader';
