export { FindingsDialog } from './findings-dialog';
export { useNewFindings } from './findings-store';
export { FindingsToggle } from './findings-toggle';

import './findings.css';
