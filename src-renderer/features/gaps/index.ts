export type { GapWalker } from './gap-list';
export type { GapRow } from './gap-rows';
export { GapsView } from './gaps-view';
export { Inspector } from './inspector';
export { ReceiptCard } from './receipt-card';

import './gaps.css';
import './gap-list.css';
