export { SetupScreen } from './setup-screen';
export { ConnectingScreen, FailedScreen, RefusedScreen, StartingScreen } from './start-screens';

import './setup.css';
