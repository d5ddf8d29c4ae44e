export { OutagesDialog } from './outages-dialog';
export { useOutageProposals } from './outages-store';
export { OutagesToggle } from './outages-toggle';

import './outages.css';
