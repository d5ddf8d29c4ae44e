export { Inspector } from './inspector';
export { ReceiptCard } from './receipt-card';

import './gaps.css';
