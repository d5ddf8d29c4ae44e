export { FindingsDialog } from './findings-dialog';
export { FindingsToggle } from './findings-toggle';

import './findings.css';
