export { Undo } from './undo';

import './undo.css';
