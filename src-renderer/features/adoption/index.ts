export { AdoptionDialog } from './adoption-dialog';
export { AdoptionStatus } from './adoption-status';
export { useSuggestedTables } from './suggestions';

import './adoption.css';
