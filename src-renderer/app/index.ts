export { App } from './app';

import './app.css';
