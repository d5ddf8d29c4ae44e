export { MatrixTools } from './matrix-tools';
export { MatrixView } from './matrix-view';

import './matrix.css';
