export { QueuePanel } from './queue-panel';
export { StatusFooter } from './status-footer';

import './queue.css';
