export { AddSeriesDialog } from './add-series-dialog';
export { NoSeries } from './no-series';

import './series.css';
