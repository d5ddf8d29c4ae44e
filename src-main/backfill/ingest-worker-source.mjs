import { register } from 'tsx/esm/api';

// Entry of the thread when it runs from source: on Node 20 a worker takes no TypeScript through `--import tsx`.
register();
await import('./ingest-worker.ts');
